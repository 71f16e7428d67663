//! Taking one step: the agent's own ones directly, commands by ticket.

use std::io;
use std::time::Instant;

use agent_protocol::{StepName, StepPhase};

use super::complete::{belongs, own_instance};
use super::instance_files::{drop_old_output, forget_instance, write_all_settings, write_settings};
use super::process::Work;
use super::shared::unix_ms;
use crate::handler::boot::boot_id;
use crate::handler::command::{Context, Order, Ticket, environment, start};
use crate::handler::package::{carry_over, command_of, read_manifest, remove};
use crate::handler::plan::{End, Reason, Step, after};
use crate::handler::record::{Inflight, Record};
use crate::handler::{Failure, SINGLE, WantedHandler, codes};

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
        shared.record_started(&record, step, |phase| phase != Some(StepPhase::Started));
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

/// The instance whose number and name a command is told: its own, or the one whose turn comes first.
fn instance(step: &Step, handler: &WantedHandler, record: &Record) -> String {
    let enabled = handler.extensions.iter().filter(|extension| extension.enabled);
    let first = enabled.min_by_key(|extension| extension.level).map(|extension| extension.key.as_str());
    let known = record.extensions.keys().next().map(String::as_str);
    own_instance(step).or(first).or(known).unwrap_or(SINGLE).to_owned()
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
