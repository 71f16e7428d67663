//! After a start: finishing what the last life of the agent left.

use agent_protocol::StepPhase;

use super::complete::step_name;
use super::shared::Shared;
use crate::handler::boot::boot_id;
use crate::handler::command::adopt;
use crate::handler::package::{command_of, read_manifest};
use crate::handler::plan::Step;
use crate::handler::record::{Inflight, Record};

/// Follows the output of open runs again, and enters the ends of commands that were running: those that still are, are
/// waited for.
pub async fn absorb(shared: &Shared) {
    shared.runs.close_strays(&shared.store.all()).await;
    for record in shared.store.all() {
        for (key, known) in &record.extensions {
            if known.run.is_some() {
                shared.runs.follow(&shared.places, &record, key);
            }
        }
    }
    for record in shared.store.all() {
        if let Some(inflight) = &record.inflight
            && let Err(error) = absorb_one(shared, &record, inflight).await
        {
            tracing::error!(%error, handler = record.handler, "what became of a command is not known; it is taken again");
        }
        shared.write_state_files(&record);
        if let Some(record) = shared.store.get(&record.handler) {
            shared.look(&record);
        }
    }
    shared.publish();
    shared.settle().await;
}

async fn absorb_one(shared: &Shared, record: &Record, inflight: &Inflight) -> std::io::Result<()> {
    let ticket = shared.ticket(&record.handler, inflight.ticket);
    let step = &inflight.step;
    let finished = adopt(&ticket, shared.limit(step)).await?;
    // What enable started does not survive a restart of the machine, so its good end does not count then.
    let void = matches!(step, Step::Enable { .. }) && inflight.boot != boot_id();
    let Some(finished) = finished.filter(|_| !void) else {
        let name = step_name(step);
        shared.record_step(record, Some(step), |run| {
            if let Some(name) = name.filter(|name| run.phase(*name) == Some(StepPhase::Started)) {
                run.note(&format!("{name:?}: the machine or the command was interrupted; the step is taken again"));
            }
        });
        return shared.store.update(&record.handler, |record| record.inflight = None);
    };
    let manifest =
        step.version().map(|version| read_manifest(&shared.places.home(&record.handler, version).manifest()));
    let command = manifest.and_then(Result::ok).and_then(|manifest| command_of(&manifest, step).map(str::to_owned));
    let command = command.unwrap_or_default();
    // The last life may have told the beginning, and even the end, without having entered it in the record.
    shared.record_started(record, step, |phase| phase.is_none());
    let end = shared.end_of(step, &command, &ticket, finished);
    shared.complete(record, step, &ticket, &command, &end, ticket.age()).await
}
