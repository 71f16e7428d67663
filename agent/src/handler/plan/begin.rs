//! Taking up a goal state: which instances are due, and what of an earlier attempt still counts.

use std::collections::BTreeSet;

use crate::handler::record::{ExtensionRecord, HandlerState, OpenRun, Outcome, Record, UpdateProgress};
use crate::handler::{Version, WantedHandler, Wish};

use super::{Focus, next};

/// Why a handler is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A new goal state: only what changed or failed is done.
    GoalState,
    /// The agent was restarted: every enabled instance is enabled again, except those the interrupted attempt had
    /// already reached.
    AgentRestart,
    /// The machine was restarted: every enabled instance is enabled again.
    Reboot,
}

/// What taking up a goal state led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Begun {
    /// There is something to do.
    pub work: bool,
    /// Instances for which a run begins now. (An enable that only repeats what is there makes no run.)
    pub opened: Vec<String>,
    /// Runs of earlier goal states that a new one takes the place of.
    pub superseded: Vec<OpenRun>,
}

/// Prepares `record` for an attempt to fulfil `wanted`, where `target` is the published version that is meant.
pub fn begin(record: &mut Record, wanted: &WantedHandler, target: &Version, incarnation: u64, cause: Cause) -> Begun {
    let failed_before = matches!(record.outcome, Outcome::Failed(_));
    let interrupted = record.outcome == Outcome::Pending && record.requested.is_some();
    let again = match cause {
        Cause::GoalState => false,
        Cause::AgentRestart => !interrupted,
        Cause::Reboot => true,
    };

    // The package of a failed install or update is fetched anew, for it may have been corrected.
    match record.state(target) {
        Some(HandlerState::NotInstalled) if failed_before => drop(record.versions.remove(target)),
        Some(HandlerState::FailedUpgrade) => drop(record.versions.remove(target)),
        _ => {}
    }
    if record.target.as_ref() != Some(target) {
        for known in record.extensions.values_mut() {
            known.due = false; // asked for at a version that is no longer wanted
        }
    }
    let moves = record.current() != Some(target);
    let mut asked = BTreeSet::new();
    for extension in &wanted.extensions {
        let known = record
            .extensions
            .entry(extension.key.clone())
            .or_insert_with(|| ExtensionRecord { sequence: extension.sequence, ..ExtensionRecord::default() });
        let changed = (known.due && known.asked)
            || failed_before
            || !known.enabled
            || known.failure.is_some()
            || known.sequence != extension.sequence
            || moves;
        known.due = wanted.wants(&extension.key) && (changed || again || known.due);
        known.asked = known.due && changed;
        known.sequence = extension.sequence;
        known.has_settings = extension.settings.is_some();
        if known.due || !extension.enabled {
            known.failure = None;
        }
        if known.asked {
            asked.insert(extension.key.clone());
        }
    }
    record.incarnation = incarnation;
    record.requested = Some(wanted.version.clone());
    record.wish = wanted.wish;
    record.multi = wanted.multi;
    retarget(record, target);

    record.outcome = Outcome::Pending;
    if next(record, wanted, Focus::All).is_none() {
        record.outcome = Outcome::Done;
        return Begun::default();
    }
    open_runs(record, wanted, &asked)
}

/// Sets which published version is meant. Progress of a change of version is kept only as long as it is about the same
/// two versions.
pub fn retarget(record: &mut Record, target: &Version) {
    record.target = Some(target.clone());
    let current = record.current().cloned();
    match &mut record.update {
        Some(update) if update.to == *target && current.as_ref().is_none_or(|now| *now == update.from) => {}
        update => {
            *update = current.filter(|now| now != target && record.wish == Wish::Enabled).map(|from| UpdateProgress {
                from,
                to: target.clone(),
                disable_codes: Default::default(),
                carried: false,
                updated: false,
                uninstall_code: None,
            });
        }
    }
}

fn open_runs(record: &mut Record, wanted: &WantedHandler, asked: &BTreeSet<String>) -> Begun {
    let mut begun = Begun { work: true, ..Begun::default() };
    for (key, known) in &mut record.extensions {
        let leaves = known.enabled && !wanted.wants(key);
        if record.wish == Wish::Enabled && !asked.contains(key) && !leaves {
            continue;
        }
        if known.run.as_ref().is_some_and(|run| run.incarnation == record.incarnation && !run.enable_returned) {
            continue;
        }
        let named = wanted.extension(key).map(|extension| extension.name.clone());
        let before = known.run.take();
        let extension = named.or_else(|| before.as_ref().map(|run| run.extension.clone()));
        let extension = extension.unwrap_or_else(|| if key.is_empty() { wanted.name.clone() } else { key.clone() });
        known.run = Some(OpenRun {
            incarnation: record.incarnation,
            extension,
            enable_started: None,
            enable_returned: false,
            tickets: Vec::new(),
        });
        begun.opened.push(key.clone());
        begun.superseded.extend(before.filter(|run| run.incarnation != record.incarnation));
    }
    begun
}
