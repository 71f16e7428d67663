//! Taking up a goal state: which instances are due, and what of an earlier attempt still counts.

use crate::handler::record::{ExtensionRecord, HandlerState, Outcome, Record, UpdateProgress};
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

/// Prepares `record` for an attempt to fulfil `wanted`, where `target` is the published version that is meant.
/// Returns whether there is anything to do.
pub fn begin(record: &mut Record, wanted: &WantedHandler, target: &Version, incarnation: u64, cause: Cause) -> bool {
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
    for extension in &wanted.extensions {
        let known = record.extensions.entry(extension.key.clone()).or_insert_with(|| ExtensionRecord {
            sequence: extension.sequence,
            has_settings: extension.settings.is_some(),
            ..ExtensionRecord::default()
        });
        let due = again
            || known.due
            || failed_before
            || !known.enabled
            || known.failure.is_some()
            || known.sequence != extension.sequence
            || moves;
        known.due = wanted.wants(&extension.key) && due;
        known.sequence = extension.sequence;
        known.has_settings = extension.settings.is_some();
        if known.due || !extension.enabled {
            known.failure = None;
        }
    }
    record.incarnation = incarnation;
    record.requested = Some(wanted.version.clone());
    record.target = Some(target.clone());
    record.wish = wanted.wish;
    record.multi = wanted.multi;
    prepare_update(record, target);

    record.outcome = Outcome::Pending;
    if next(record, wanted, Focus::All).is_none() {
        record.outcome = Outcome::Done;
        return false;
    }
    true
}

/// Keeps the progress of a change of version only as long as it is about the same two versions.
fn prepare_update(record: &mut Record, target: &Version) {
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
