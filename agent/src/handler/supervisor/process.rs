//! The worker: takes goal states up, one after the other.
//!
//! ```text
//! start ──► absorb commands of the last life ──► wait for a goal state ◄─────────────┐
//!                                                       │                            │
//!            begin every handler (what is due is on disk now) ── report              │
//!                                                       │                            │
//!            removals and disablings, highest level first                            │
//!                                                       │      a newer one came:     │
//!            level by level: units, then wait for final statuses ───────────────────►┤
//!                                                       └── complete ───────────────►┘
//! ```

use std::io;
use std::sync::Arc;

use agent_protocol::{StepName, StepPhase};
use tokio::sync::watch;

use super::absorb::absorb;
use super::levels::enable_by_level;
use super::shared::Shared;
use crate::handler::boot::boot_id;
use crate::handler::package::remove;
use crate::handler::places::replace_file;
use crate::handler::plan::{Begun, Cause, Focus, begin};
use crate::handler::record::{Outcome, Record};
use crate::handler::runs::run_key;
use crate::handler::store::Progress;
use crate::handler::{Failure, Verdict, Wanted, WantedHandler, Wish, codes};

/// Where newer goal states come from.
pub type Target = watch::Receiver<Option<Arc<Wanted>>>;

/// A newer goal state came; this one is not worked on any more.
#[derive(Debug)]
pub struct Superseded;

/// What is worked on.
pub struct Work<'a> {
    pub shared: &'a Shared,
    pub target: &'a Target,
}

impl Work<'_> {
    /// # Errors
    /// A newer goal state came.
    pub fn go_on(&self) -> Result<(), Superseded> {
        if self.target.has_changed().unwrap_or(true) { Err(Superseded) } else { Ok(()) }
    }
}

pub async fn work(shared: Arc<Shared>, mut target: Target) {
    absorb(&shared).await;
    let mut cause = match remembered_boot(&shared) {
        Some(before) if before == boot_id() => Cause::AgentRestart,
        _ => Cause::Reboot,
    };
    while target.changed().await.is_ok() {
        let Some(wanted) = target.borrow_and_update().clone() else { continue };
        match wanted.verdict {
            Verdict::Process => {}
            Verdict::OnHold => continue,
            Verdict::Refused(ref failure) => {
                let refused = Some(failure.clone());
                note(&shared, Progress { accepted: Some(wanted.incarnation), refused, complete: true });
                continue;
            }
        }
        let work = Work { shared: &shared, target: &target };
        let result = process(&work, &wanted, cause).await;
        cause = Cause::GoalState;
        if result.is_ok() {
            note(&shared, Progress { accepted: Some(wanted.incarnation), refused: None, complete: true });
        }
    }
}

fn boot_file(shared: &Shared) -> std::path::PathBuf {
    shared.places.state.join("boot")
}

fn remembered_boot(shared: &Shared) -> Option<String> {
    std::fs::read_to_string(boot_file(shared)).ok()
}

fn note(shared: &Shared, progress: Progress) {
    if let Err(error) = shared.store.set_progress(progress) {
        tracing::error!(%error, "how far the goal state got is not kept");
    }
    shared.publish();
}

async fn process(work: &Work<'_>, wanted: &Wanted, cause: Cause) -> Result<(), Superseded> {
    let shared = work.shared;
    let mut busy = Vec::new();
    for handler in &wanted.handlers {
        match take_up(shared, handler, wanted.incarnation, cause).await {
            Ok(true) => busy.push(handler),
            Ok(false) => {}
            Err(error) => leave_alone(shared, handler, wanted.incarnation, &error),
        }
    }
    drop_unlisted(shared, wanted).await;
    // What a restart makes due is on disk now, so the restart has been dealt with.
    if cause != Cause::GoalState
        && let Err(error) = replace_file(&boot_file(shared), boot_id().as_bytes())
    {
        tracing::error!(%error, "the boot is not remembered; the next life of the agent enables everything again");
    }
    note(shared, Progress { accepted: Some(wanted.incarnation), refused: None, complete: false });

    let mut leaving: Vec<_> = busy.iter().copied().filter(|handler| handler.wish != Wish::Enabled).collect();
    leaving.sort_by_key(|handler| std::cmp::Reverse(handler.level()));
    for handler in leaving {
        work.unit(handler, Focus::All).await?;
    }
    busy.retain(|handler| handler.wish == Wish::Enabled);
    enable_by_level(work, wanted, &busy).await
}

/// Enters the wish into the handler's record; whether there is something to do.
async fn take_up(shared: &Shared, handler: &WantedHandler, incarnation: u64, cause: Cause) -> io::Result<bool> {
    let name = handler.name.as_str();
    if let Some(fault) = &handler.fault {
        shared.store.update(name, |record| {
            record.incarnation = incarnation;
            record.outcome = Outcome::Failed(fault.clone());
        })?;
        return Ok(false);
    }
    let known = shared.store.get(name);
    if known.is_none() && handler.wish == Wish::Uninstalled {
        return Ok(false);
    }
    // A run that is about to be superseded may have reached its end just now.
    if let Some(record) = known.as_ref().filter(|record| record.extensions.values().any(|known| known.run.is_some())) {
        shared.look(record);
        shared.settle().await;
    }
    // A version that was asked for in the same words keeps its meaning.
    let same = known.as_ref().filter(|record| record.requested.as_ref() == Some(&handler.version));
    let target = same.and_then(|record| record.target.clone()).unwrap_or_else(|| handler.version.clone());
    let begun = shared.store.update(name, |record| {
        let before = record.clone();
        (before, begin(record, handler, &target, incarnation, cause))
    })?;
    let (before, Begun { work, superseded, .. }) = begun;
    for run in superseded {
        end_superseded(shared, &before, &run, incarnation).await;
    }
    if let Some(record) = shared.store.get(name) {
        pick_up(shared, &record);
        if !work && handler.wish == Wish::Uninstalled && record.versions.is_empty() {
            shared.store.remove(name)?;
        }
    }
    Ok(work)
}

/// The wish can not even be entered, for example because the disk is full: the handler stays as it is, and says so.
fn leave_alone(shared: &Shared, handler: &WantedHandler, incarnation: u64, error: &io::Error) {
    let message = format!("the agent can not take this up and leaves the handler as it is: {error}");
    let failed = Outcome::Failed(Failure::new(codes::GENERIC, message));
    shared.store.update_even_unsaved(&handler.name, |record| {
        record.incarnation = incarnation;
        record.requested.get_or_insert_with(|| handler.version.clone());
        record.outcome = failed.clone();
    });
}

/// Tells the runs of this goal state that the agent has it; those that a former life told already are left out.
fn pick_up(shared: &Shared, record: &Record) {
    for (key, known) in &record.extensions {
        let current = known.run.as_ref().is_some_and(|run| run.incarnation == record.incarnation);
        let Some(run) = current.then(|| shared.runs.of(record, key)).flatten() else { continue };
        if run.phase(StepName::PickedUp).is_none() {
            run.step(StepName::PickedUp, StepPhase::Done, None, None);
        }
    }
}

async fn end_superseded(shared: &Shared, before: &Record, run: &crate::handler::record::OpenRun, by: u64) {
    let key = before.extensions.iter().find(|(_, known)| known.run.as_ref() == Some(run)).map(|(key, _)| key.clone());
    if let Some(key) = key {
        let note = format!("goal state {by} takes the place of this run");
        shared.close_superseded(before, &key, note).await;
    }
}

/// A handler that is no longer listed goes without any command being run (wire-protocol 5.4).
async fn drop_unlisted(shared: &Shared, wanted: &Wanted) {
    for record in shared.store.all() {
        if wanted.handlers.iter().any(|handler| handler.name == record.handler) {
            continue;
        }
        for key in record.extensions.keys().filter(|key| run_key(&record, key).is_some()) {
            let note = format!("goal state {} no longer lists the handler", wanted.incarnation);
            shared.close_run(&record, key, None, Some(note)).await;
        }
        if let Err(error) = forget(shared, &record) {
            tracing::error!(%error, handler = record.handler, "an unlisted handler can not be deleted");
        }
    }
}

/// Deletes everything of a handler but its logs.
pub fn forget(shared: &Shared, record: &Record) -> io::Result<()> {
    for version in record.versions.keys() {
        remove(&shared.places.home(&record.handler, version).root)?;
    }
    remove(&shared.places.tickets(&record.handler))?;
    shared.store.remove(&record.handler)
}
