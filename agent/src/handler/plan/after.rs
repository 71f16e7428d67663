//! What a step's end means for the facts.

use crate::handler::codes;
use crate::handler::record::{HandlerState, Installation, Outcome, Record, UpdateProgress};
use crate::handler::{Failure, Version};

use super::{End, Reason, Step};

/// Enters into `record` that `step` ended with `end`. A failure that ends the attempt becomes the record's outcome;
/// planning must not go on then.
pub fn after(record: &mut Record, step: &Step, end: &End) {
    record.inflight = None;
    match step {
        Step::Fetch { version } => fetched(record, version, end),
        Step::Disable { version, extension, reason } => disabled(record, version, extension, *reason, end),
        Step::CarryOver { from, to } => or_fail(record, end, codes::UPDATE, |record| carried(record, from, to)),
        Step::Update { to, .. } => updated(record, to, end),
        Step::Uninstall { version, reason } => uninstalled(record, version, *reason, end),
        Step::Remove { version } => or_fail(record, end, codes::GENERIC, |record| {
            record.versions.remove(version);
        }),
        Step::Install { version } => or_fail(record, end, codes::INSTALL, |record| {
            record.set_state(version, HandlerState::Installed);
        }),
        Step::SkipInstall { version } => record.set_state(version, HandlerState::Installed),
        Step::Enable { version, extension } => enabled(record, version, extension, end),
        Step::Forget { extension } => {
            record.extensions.remove(extension);
        }
    }
    let complete = record.update.as_ref().is_some_and(|update| {
        record.current() == Some(&update.to) && record.extensions.values().all(|extension| !extension.due)
    });
    if complete {
        record.update = None;
    }
}

fn or_fail(record: &mut Record, end: &End, code: i64, done: impl FnOnce(&mut Record)) {
    match failure(end, code) {
        None => done(record),
        Some(failure) => record.outcome = Outcome::Failed(failure),
    }
}

fn fetched(record: &mut Record, version: &Version, end: &End) {
    match end {
        End::Fetched(traits) => {
            record
                .versions
                .insert(version.clone(), Installation { state: HandlerState::NotInstalled, traits: *traits });
        }
        end => record.outcome = Outcome::Failed(failure(end, codes::PACKAGE_DOWNLOAD).unwrap_or_else(unexpected)),
    }
}

fn disabled(record: &mut Record, version: &Version, extension: &str, reason: Reason, end: &End) {
    let fatal = match reason {
        Reason::Delete => None,
        Reason::Update if goes_on(record) => None,
        Reason::Update => failure(end, codes::UPDATE),
        Reason::Disable | Reason::Uninstall => failure(end, codes::DISABLE),
    };
    if let Some(failure) = fatal {
        record.outcome = Outcome::Failed(failure);
        return;
    }
    if let Some(known) = record.extensions.get_mut(extension) {
        known.enabled = false;
    }
    if let (Reason::Update, Some(update)) = (reason, &mut record.update) {
        update.disable_codes.insert(extension.to_owned(), exit_code(end));
    }
    if record.extensions.values().all(|known| !known.enabled) {
        record.set_state(version, HandlerState::Installed);
    }
}

fn carried(record: &mut Record, from: &Version, to: &Version) {
    match &mut record.update {
        Some(update) if update.to == *to => update.carried = true,
        update => {
            *update = Some(UpdateProgress {
                from: from.clone(),
                to: to.clone(),
                disable_codes: Default::default(),
                carried: true,
                updated: false,
                uninstall_code: None,
            });
        }
    }
}

fn updated(record: &mut Record, to: &Version, end: &End) {
    match failure(end, codes::UPDATE) {
        None => {
            if let Some(update) = &mut record.update {
                update.updated = true;
            }
        }
        Some(failure) => {
            record.set_state(to, HandlerState::FailedUpgrade);
            record.outcome = Outcome::Failed(failure);
        }
    }
}

fn uninstalled(record: &mut Record, version: &Version, reason: Reason, end: &End) {
    if reason == Reason::Update {
        if !goes_on(record)
            && let Some(failure) = failure(end, codes::UPDATE)
        {
            record.outcome = Outcome::Failed(failure);
            return;
        }
        if let Some(update) = &mut record.update {
            update.uninstall_code = Some(exit_code(end));
        }
    }
    record.set_state(version, HandlerState::NotInstalled);
}

fn enabled(record: &mut Record, version: &Version, extension: &str, end: &End) {
    let multi = record.multi;
    let failure = failure(end, codes::ENABLE);
    if failure.is_none() {
        record.set_state(version, HandlerState::Enabled);
    }
    let Some(known) = record.extensions.get_mut(extension) else { return };
    known.due = false;
    match failure {
        None => {
            known.enabled = true;
            known.failure = None;
        }
        Some(failure) if multi => known.failure = Some(failure),
        Some(failure) => record.outcome = Outcome::Failed(failure),
    }
}

/// Whether the coming version says that a failing disable or uninstall of the going one does not matter.
fn goes_on(record: &Record) -> bool {
    record
        .target
        .as_ref()
        .and_then(|target| record.versions.get(target))
        .is_some_and(|found| found.traits.continue_on_update_failure)
}

/// The exit code that later commands are told.
fn exit_code(end: &End) -> i64 {
    match end {
        End::Exit { code, .. } => *code,
        End::Fetched(_) => 0,
        End::TimedOut { .. } => codes::TIMED_OUT,
        End::Failed(failure) => failure.code,
    }
}

fn failure(end: &End, code: i64) -> Option<Failure> {
    match end {
        End::Exit { code: 0, .. } | End::Fetched(_) => None,
        End::Exit { message, .. } => Some(Failure::new(code, message.clone())),
        End::TimedOut { message, .. } => Some(Failure::new(codes::TIMED_OUT, message.clone())),
        End::Failed(failure) => Some(failure.clone()),
    }
}

fn unexpected() -> Failure {
    Failure::new(codes::GENERIC, "the package was fetched, but nothing is known of it; this is a fault of the agent")
}
