//! Which step comes next. The order of an update (old → new), as the contract wants it:
//!
//! ```text
//! upgrade    fetch new, disable old*, carry over, update NEW, uninstall old, remove old, install new, enable new*
//! downgrade  fetch new, disable old*, carry over, update OLD, uninstall old, remove old, install new, enable new*
//! removal    disable*, uninstall, remove                                    (* once for each enabled instance)
//! ```

use crate::handler::record::{HandlerState, Record};
use crate::handler::{Version, WantedHandler, Wish};

use super::{Reason, Step};

/// Which instances may be enabled now; everything else of a plan does not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus<'a> {
    /// All that are due.
    All,
    /// Only this one, because the others wait for their turn.
    One(&'a str),
}

impl Focus<'_> {
    fn covers(self, key: &str) -> bool {
        match self {
            Self::All => true,
            Self::One(only) => only == key,
        }
    }
}

/// The next step towards `wanted`, or `None` when nothing is left to do (within `focus`).
#[must_use]
pub fn next(record: &Record, wanted: &WantedHandler, focus: Focus<'_>) -> Option<Step> {
    let target = record.target.as_ref()?;
    match record.wish {
        Wish::Uninstalled => removal(record),
        Wish::Disabled => record.current().and_then(|version| disable_any(record, version, Reason::Disable)),
        Wish::Enabled => match record.current() {
            Some(current) if current == target => instances(record, wanted, current, focus),
            Some(current) => replacement(record, current, target),
            None => installation(record, target),
        },
    }
}

fn removal(record: &Record) -> Option<Step> {
    if let Some(version) = record.current() {
        let uninstall = Step::Uninstall { version: version.clone(), reason: Reason::Uninstall };
        return Some(disable_any(record, version, Reason::Uninstall).unwrap_or(uninstall));
    }
    record.versions.keys().next().map(|version| Step::Remove { version: version.clone() })
}

fn disable_any(record: &Record, version: &Version, reason: Reason) -> Option<Step> {
    let (key, _) = record.extensions.iter().find(|(_, extension)| extension.enabled)?;
    Some(Step::Disable { version: version.clone(), extension: key.clone(), reason })
}

fn replacement(record: &Record, current: &Version, target: &Version) -> Option<Step> {
    let progress = record.update.as_ref().filter(|update| update.from == *current && update.to == *target);
    if !record.versions.contains_key(target) {
        return Some(Step::Fetch { version: target.clone() });
    }
    if let Some(disable) = disable_any(record, current, Reason::Update) {
        return Some(disable);
    }
    if !progress.is_some_and(|update| update.carried) {
        return Some(Step::CarryOver { from: current.clone(), to: target.clone() });
    }
    if !progress.is_some_and(|update| update.updated) {
        let run_by = current.max(target).clone();
        return Some(Step::Update { run_by, from: current.clone(), to: target.clone() });
    }
    Some(Step::Uninstall { version: current.clone(), reason: Reason::Update })
}

fn installation(record: &Record, target: &Version) -> Option<Step> {
    let Some(found) = record.versions.get(target) else {
        return Some(Step::Fetch { version: target.clone() });
    };
    let progress = record.update.as_ref().filter(|update| update.to == *target);
    if let Some(version) = record.versions.keys().find(|version| *version != target) {
        // What an update has not handed over yet goes to the new version before the old directory does.
        let handed_over = progress.is_some_and(|update| update.carried);
        let remove = Step::Remove { version: version.clone() };
        let carry_over = Step::CarryOver { from: version.clone(), to: target.clone() };
        return Some(if handed_over { remove } else { carry_over });
    }
    if found.traits.update_without_install && progress.is_some_and(|update| update.updated) {
        return Some(Step::SkipInstall { version: target.clone() });
    }
    Some(Step::Install { version: target.clone() })
}

fn instances(record: &Record, wanted: &WantedHandler, current: &Version, focus: Focus<'_>) -> Option<Step> {
    if let Some(version) = record.versions.keys().find(|version| *version != current) {
        return Some(Step::Remove { version: version.clone() });
    }
    for (key, known) in &record.extensions {
        if wanted.wants(key) {
            continue;
        }
        return Some(if known.enabled {
            Step::Disable { version: current.clone(), extension: key.clone(), reason: Reason::Delete }
        } else {
            Step::Forget { extension: key.clone() }
        });
    }
    let due = wanted.extensions.iter().find(|extension| {
        focus.covers(&extension.key) && record.extensions.get(&extension.key).is_some_and(|known| known.due)
    })?;
    debug_assert_ne!(record.state(current), Some(HandlerState::NotInstalled));
    Some(Step::Enable { version: current.clone(), extension: due.key.clone() })
}
