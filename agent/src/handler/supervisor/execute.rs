//! Taking one step: the agent's own ones directly, commands by ticket.

use std::io;
use std::time::{Duration, Instant};

use agent_protocol::{StepName, StepPhase};

use super::process::Work;
use super::shared::{Shared, first_line, unix_ms};
use crate::handler::boot::boot_id;
use crate::handler::command::{Context, Finished, Order, Ticket, environment, log_path, start, write_log};
use crate::handler::package::{carry_over, command_of, read_manifest, remove};
use crate::handler::places::{HandlerHome, replace_file};
use crate::handler::plan::{End, Reason, Step, after};
use crate::handler::record::{Inflight, Record};
use crate::handler::runs::end_step;
use crate::handler::{Failure, SINGLE, WantedHandler, codes};
use crate::journal::Run;

impl Work<'_> {
    /// Takes a step and enters its end.
    ///
    /// # Errors
    /// The agent itself could not go on.
    pub async fn take(&self, handler: &WantedHandler, record: &Record, step: &Step) -> io::Result<()> {
        if step.is_command() {
            return self.command(handler, record, step).await;
        }
        let shared = self.shared;
        match step {
            Step::CarryOver { from, to } => {
                let home = |version| shared.places.home(&record.handler, version).root;
                carry_over(&home(from), &home(to))?;
            }
            Step::Remove { version } => remove(&shared.places.home(&record.handler, version).root)?,
            Step::SkipInstall { .. } => {
                let why = "the package updates without install";
                shared.record_step(record, None, |run| run.skipped(StepName::Installed, why));
            }
            Step::Forget { extension } => {
                shared.close_run(record, extension, None, None).await;
                forget_instance(shared, record, extension)?;
            }
            _ => {}
        }
        shared.store.update(&record.handler, |record| after(record, step, &End::ok()))
    }

    async fn command(&self, handler: &WantedHandler, record: &Record, step: &Step) -> io::Result<()> {
        let shared = self.shared;
        let Some(version) = step.version() else { return Ok(()) };
        let home = shared.places.home(&record.handler, version);
        let instance = instance(step, handler, record);
        match step {
            Step::Install { .. } => write_all_settings(handler, &home)?,
            Step::Update { to, .. } => write_all_settings(handler, &shared.places.home(&record.handler, to))?,
            Step::Enable { extension, .. } => {
                write_settings(handler, &home, &instance)?;
                drop_old_output(record, extension, &home)?;
            }
            _ => {}
        }
        let manifest = match read_manifest(&home.manifest()) {
            Ok(manifest) => manifest,
            Err(failure) => return self.refused(record, step, failure),
        };
        let command = command_of(&manifest, step).unwrap_or_default();

        let boot = boot_id().to_owned();
        let record = shared.store.update(&record.handler, |record| {
            record.tickets += 1;
            record.inflight = Some(Inflight { step: step.clone(), ticket: record.tickets, boot });
            for (key, known) in &mut record.extensions {
                let run = known.run.as_mut().filter(|run| run.incarnation == record.incarnation);
                if let Some(run) = run.filter(|_| belongs(step, key)) {
                    run.tickets.push(record.tickets);
                    if matches!(step, Step::Enable { .. }) && run.enable_started.is_none() {
                        run.enable_started = Some(unix_ms());
                    }
                }
            }
            record.clone()
        })?;
        let ticket = Ticket::create(shared.ticket_folder(&record.handler, record.tickets))?;
        let context = Context {
            record: &record,
            extension: &instance,
            home: &home,
            version,
            server_address: &shared.options.server_address,
        };
        let order =
            Order { root: &home.root, command, environment: environment(step, context), limit: shared.limit(step) };
        let begun = Instant::now();
        let running = start(ticket.clone(), &order);
        shared.record_started(&record, step);
        let end = match running {
            Ok(running) => shared.end_of(step, command, &ticket, running.wait().await?),
            Err(error) => End::Failed(Failure::new(code_of(step), format!("{command} could not be started: {error}"))),
        };
        shared.complete(&record, step, &ticket, command, &end, begun.elapsed()).await
    }

    fn refused(&self, record: &Record, step: &Step, failure: Failure) -> io::Result<()> {
        self.shared.store.update(&record.handler, |record| after(record, step, &End::Failed(failure)))
    }
}

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

    /// The command was started: say so, and follow what it prints.
    pub fn record_started(&self, record: &Record, step: &Step) {
        if let Some(name) = step_name(step) {
            self.record_step(record, Some(step), |run| {
                if run.phase(name) != Some(StepPhase::Started) {
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
fn belongs(step: &Step, key: &str) -> bool {
    own_instance(step).is_none_or(|own| own == key)
}

/// The instance that a step is about, when it is about one.
fn own_instance(step: &Step) -> Option<&str> {
    match step {
        Step::Enable { extension, .. } | Step::Disable { extension, .. } | Step::Forget { extension } => {
            Some(extension)
        }
        _ => None,
    }
}

/// The instance whose number and name a command is told: its own, or the one whose turn comes first.
fn instance(step: &Step, handler: &WantedHandler, record: &Record) -> String {
    let enabled = handler.extensions.iter().filter(|extension| extension.enabled);
    let first = enabled.min_by_key(|extension| extension.level).map(|extension| extension.key.as_str());
    let known = record.extensions.keys().next().map(String::as_str);
    own_instance(step).or(first).or(known).unwrap_or(SINGLE).to_owned()
}

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

fn code_of(step: &Step) -> i64 {
    match step {
        Step::Install { .. } => codes::INSTALL,
        Step::Enable { .. } => codes::ENABLE,
        Step::Disable { reason: Reason::Update, .. } | Step::Update { .. } => codes::UPDATE,
        Step::Disable { .. } => codes::DISABLE,
        _ => codes::GENERIC,
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

/// Writes the settings files of every enabled instance.
pub fn write_all_settings(handler: &WantedHandler, home: &HandlerHome) -> io::Result<()> {
    let mut enabled = handler.extensions.iter().filter(|extension| extension.enabled);
    enabled.try_for_each(|extension| write_settings(handler, home, &extension.key))
}

/// Writes one settings file. Handlers may have blanked secrets in it, and choose the newest by time: so always anew.
fn write_settings(handler: &WantedHandler, home: &HandlerHome, key: &str) -> io::Result<()> {
    let Some(extension) = handler.extension(key) else { return Ok(()) };
    let text = extension.settings.as_deref().unwrap_or_default();
    replace_file(&home.settings_file(key, extension.sequence), text.as_bytes())
}

/// A run's output begins with its own enable command: what an earlier run printed under the same number goes.
fn drop_old_output(record: &Record, key: &str, home: &HandlerHome) -> io::Result<()> {
    let Some(known) = record.extensions.get(key) else { return Ok(()) };
    if known.run.as_ref().is_none_or(|run| run.incarnation != record.incarnation || run.enable_started.is_some()) {
        return Ok(());
    }
    for stream in ["stdout", "stderr"] {
        match std::fs::remove_file(home.output_file(key, known.sequence, stream)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Deletes the files of an instance that is gone, in every version's directory.
fn forget_instance(shared: &Shared, record: &Record, key: &str) -> io::Result<()> {
    for version in record.versions.keys() {
        let home = shared.places.home(&record.handler, version);
        for folder in [home.config(), home.status(), home.output()] {
            for entry in std::fs::read_dir(folder)?.flatten() {
                if is_of(&entry.file_name().to_string_lossy(), key) {
                    std::fs::remove_file(entry.path())?;
                }
            }
        }
    }
    Ok(())
}

/// Whether a file is `<key>.<number>.<ending>`, or `<number>.<ending>` for the instance without a name.
fn is_of(file: &str, key: &str) -> bool {
    let rest = if key.is_empty() { Some(file) } else { file.strip_prefix(key).and_then(|rest| rest.strip_prefix('.')) };
    let mut parts = rest.unwrap_or_default().split('.');
    let number = parts.next().is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    number
        && parts.next().is_some_and(|ending| ["settings", "status", "stdout", "stderr"].contains(&ending))
        && parts.next().is_none()
}
