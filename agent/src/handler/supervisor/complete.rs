//! Entering how a command began and ended: in the log, in the journals of the runs it belongs to, in the record.

use std::io;
use std::time::Duration;

use agent_protocol::{StepName, StepPhase};

use super::shared::{Shared, first_line};
use crate::handler::SINGLE;
use crate::handler::command::{Finished, Ticket, log_path, write_log};
use crate::handler::plan::{End, Step, after};
use crate::handler::record::Record;
use crate::handler::runs::end_step;
use crate::journal::Run;

impl Shared {
    /// Calls `tell` with the journals of the runs that a step is about: one instance's, or all of this attempt.
    pub fn record_step(&self, record: &Record, step: Option<&Step>, tell: impl Fn(&Run)) {
        for (key, known) in &record.extensions {
            let ours =
                known.run.as_ref().is_some_and(|run| run.incarnation == record.incarnation && !run.enable_returned);
            if ours
                && step.is_none_or(|step| belongs(step, key))
                && let Some(run) = self.runs.of(record, key)
            {
                tell(&run);
            }
        }
    }

    /// The command was started: follow what it prints, and say so in the runs in which the step stands where `untold`
    /// says.
    pub fn record_started(&self, record: &Record, step: &Step, untold: impl Fn(Option<StepPhase>) -> bool) {
        if let Some(name) = step_name(step) {
            self.record_step(record, Some(step), |run| {
                if untold(run.phase(name)) {
                    run.started(name);
                }
            });
        }
        for key in record.extensions.keys().filter(|key| belongs(step, key)) {
            self.runs.follow(&self.places, record, key);
        }
    }

    /// Enters how a command ended: log, journal, record.
    ///
    /// # Errors
    /// The record can not be written.
    pub async fn complete(
        &self,
        record: &Record,
        step: &Step,
        ticket: &Ticket,
        command: &str,
        end: &End,
        took: Duration,
    ) -> io::Result<()> {
        let log = log_path(&self.places.log_folder(&record.handler), own_instance(step).unwrap_or(SINGLE));
        if let Err(error) = write_log(&log, ticket, command, &summary(end)) {
            tracing::warn!(%error, log = %log.display(), "the command is not in the log");
        }
        let enable = matches!(step, Step::Enable { .. });
        if let (Some(name), false) = (step_name(step), enable && end.is_ok()) {
            let phase = if end.is_ok() { StepPhase::Done } else { StepPhase::Failed };
            let detail = Some(summary(end));
            if let Step::Enable { extension, .. } = step {
                self.close_run(record, extension, Some((name, phase, took, detail)), None).await;
            } else {
                self.record_step(record, Some(step), |run| end_step(run, name, phase, took, detail.clone()));
            }
        }
        self.store.update(&record.handler, |record| {
            after(record, step, end);
            if let (Step::Enable { extension, .. }, true) = (step, end.is_ok())
                && let Some(run) = record.extensions.get_mut(extension).and_then(|known| known.run.as_mut())
            {
                run.enable_returned = true;
            }
        })
    }

    /// What the end of a command means, with the text to report.
    pub fn end_of(&self, step: &Step, command: &str, ticket: &Ticket, finished: Finished) -> End {
        match finished {
            Finished::Exit(code) => {
                let message = if code == 0 {
                    String::new()
                } else {
                    ticket.message(&format!("Non-zero exit code: {code}, {command}"))
                };
                End::Exit { code, message }
            }
            Finished::TimedOut => {
                let limit = self.limit(step);
                let message = ticket.message(&format!("Timeout({}): {command}", limit.as_secs_f32()));
                End::TimedOut { limit, message }
            }
        }
    }

    pub fn limit(&self, step: &Step) -> Duration {
        let limits = &self.options.limits;
        match step {
            Step::Install { .. } => limits.install,
            Step::Update { .. } => limits.update,
            Step::Disable { .. } => limits.disable,
            Step::Uninstall { .. } => limits.uninstall,
            _ => limits.enable,
        }
    }
}

/// Whether a step is about this instance's run: its own, or everybody's.
pub fn belongs(step: &Step, key: &str) -> bool {
    own_instance(step).is_none_or(|own| own == key)
}

/// The instance that a step is about, when it is about one.
pub fn own_instance(step: &Step) -> Option<&str> {
    match step {
        Step::Enable { extension, .. } | Step::Disable { extension, .. } | Step::Forget { extension } => {
            Some(extension)
        }
        _ => None,
    }
}

/// The step of a run that a command is.
pub fn step_name(step: &Step) -> Option<StepName> {
    match step {
        Step::Disable { .. } => Some(StepName::Disabled),
        Step::Update { .. } => Some(StepName::Updated),
        Step::Uninstall { .. } => Some(StepName::Uninstalled),
        Step::Install { .. } => Some(StepName::Installed),
        Step::Enable { .. } => Some(StepName::Enabled),
        _ => None,
    }
}

/// One line about how a command ended.
fn summary(end: &End) -> String {
    match end {
        End::Exit { code, .. } => format!("exit code {code}"),
        End::TimedOut { limit, .. } => format!("killed after {} s", limit.as_secs_f32()),
        End::Failed(failure) => first_line(&failure.message).unwrap_or_default(),
        End::Fetched(_) => String::new(),
    }
}
