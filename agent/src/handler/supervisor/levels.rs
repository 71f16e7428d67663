//! Dependency levels: lower ones reach a final status before higher ones begin.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::{Instant, timeout_at};

use super::process::{Superseded, Work};
use crate::handler::plan::Focus;
use crate::handler::record::{Outcome, Record};
use crate::handler::{Failure, Wanted, WantedHandler, Wish, codes};
use agent_protocol::StatusLevel;

/// One thing to do on a level: an instance of a handler, or a handler all of whose instances are to go.
type Unit<'a> = (&'a WantedHandler, Option<&'a str>);

/// Works through the enabled handlers. `busy` are those with something to do; the others only count as dependencies.
pub async fn enable_by_level(work: &Work<'_>, wanted: &Wanted, busy: &[&WantedHandler]) -> Result<(), Superseded> {
    let mut levels: BTreeMap<u32, Vec<Unit<'_>>> = BTreeMap::new();
    for handler in wanted.handlers.iter().filter(|handler| handler.wish == Wish::Enabled && handler.fault.is_none()) {
        let mut enabled = handler.extensions.iter().filter(|extension| extension.enabled).peekable();
        if enabled.peek().is_none() {
            levels.entry(0).or_default().push((handler, None));
        }
        for extension in enabled {
            levels.entry(extension.level).or_default().push((handler, Some(&extension.key)));
        }
    }
    let is_busy = |unit: &Unit<'_>| busy.iter().any(|handler| handler.name == unit.0.name);
    let deadline = Instant::now() + work.shared.options.limits.dependencies;
    let mut failed: Option<String> = None;
    let mut left: BTreeSet<u32> = levels.keys().copied().collect();
    for (level, units) in &levels {
        left.remove(level);
        for unit @ (handler, key) in units.iter().filter(|unit| is_busy(unit)) {
            match &failed {
                Some(reason) => skip(work, unit, reason).await,
                None => work.unit(handler, key.map_or(Focus::All, Focus::One)).await?,
            }
        }
        let someone_waits = left.iter().filter_map(|level| levels.get(level)).flatten().any(is_busy);
        if failed.is_none() && someone_waits {
            failed = wait(work, units, deadline).await?.err();
        }
    }
    Ok(())
}

/// Waits until every unit succeeded; the inner error names the first that did not.
async fn wait(work: &Work<'_>, units: &[Unit<'_>], deadline: Instant) -> Result<Result<(), String>, Superseded> {
    let mut changes = work.shared.changes();
    let mut target = work.target.clone();
    loop {
        work.go_on()?;
        changes.mark_unchanged();
        let mut waiting = None;
        for unit in units {
            match progress(work, unit) {
                Reached::Success => {}
                Reached::Failure => return Ok(Err(format!("{} failed", name(unit)))),
                Reached::NotYet => waiting = Some(unit),
            }
        }
        let Some(unit) = waiting else { return Ok(Ok(())) };
        let change = async {
            tokio::select! {
                _ = changes.changed() => {}
                _ = target.changed() => {}
            }
        };
        if timeout_at(deadline, change).await.is_err() {
            return Ok(Err(format!("{} has not reached a final status in time", name(unit))));
        }
    }
}

enum Reached {
    Success,
    Failure,
    NotYet,
}

fn progress(work: &Work<'_>, (handler, key): &Unit<'_>) -> Reached {
    let Some(key) = key else { return Reached::Success };
    let Some(record) = work.shared.store.get(&handler.name) else { return Reached::Failure };
    let Some(known) = record.extensions.get(*key) else { return Reached::Failure };
    if record.failure().is_some() || known.failure.is_some() {
        return Reached::Failure;
    }
    if !known.has_settings {
        return if known.enabled { Reached::Success } else { Reached::NotYet };
    }
    match work.shared.reporter().terminal(&record, key).map(|status| status.status) {
        Some(StatusLevel::Success) => Reached::Success,
        Some(_) => Reached::Failure,
        None => Reached::NotYet,
    }
}

fn name((handler, key): &Unit<'_>) -> String {
    match key {
        Some(key) if !key.is_empty() => format!("{} ({key})", handler.name),
        _ => handler.name.clone(),
    }
}

async fn skip(work: &Work<'_>, (handler, key): &Unit<'_>, reason: &str) {
    let message = format!("Skipping processing of extensions since execution of dependent extension {reason}");
    let failure = Failure::new(codes::UNKNOWN, message.clone());
    let key = key.unwrap_or_default();
    let entered = work.shared.store.update(&handler.name, |record| {
        let whole = !record.multi || record.current() != record.target.as_ref();
        if let Some(known) = record.extensions.get_mut(key).filter(|known| known.due) {
            known.due = false;
            known.failure = handler.multi.then(|| failure.clone());
            if whole {
                record.outcome = Outcome::Failed(failure);
            }
        }
        if record.outcome == Outcome::Pending && record.extensions.values().all(|known| !known.due) {
            record.outcome = Outcome::Done;
        }
        Record::clone(record)
    });
    match entered {
        Ok(record) => work.shared.close_run(&record, key, None, Some(message)).await,
        Err(error) => tracing::error!(%error, handler = handler.name, "a skipped extension is not recorded"),
    }
    work.shared.publish();
}
