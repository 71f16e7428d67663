//! Steps of a target: what a person watches.

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// The steps there are, in the order in which they can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepName {
    /// From the click until the machine fetched the goal state.
    Queued,
    /// The agent read the goal state and began.
    PickedUp,
    /// The package arrived on the machine.
    Downloaded,
    /// Its hash and signature are right.
    Verified,
    /// The disable command of the version before.
    Disabled,
    /// The update command.
    Updated,
    /// The uninstall command.
    Uninstalled,
    /// The install command.
    Installed,
    /// The enable command, until the extension's own result.
    Enabled,
    /// The result arrived at the server.
    Reported,
    /// The machine is off.
    PoweredOff,
    /// The machine is on.
    PoweredOn,
}

impl StepName {
    /// All steps.
    pub const ALL: [Self; 12] = [
        Self::Queued,
        Self::PickedUp,
        Self::Downloaded,
        Self::Verified,
        Self::Disabled,
        Self::Updated,
        Self::Uninstalled,
        Self::Installed,
        Self::Enabled,
        Self::Reported,
        Self::PoweredOff,
        Self::PoweredOn,
    ];

    /// The word on the wire (agent records) and in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::PickedUp => "pickedUp",
            Self::Downloaded => "downloaded",
            Self::Verified => "verified",
            Self::Disabled => "disabled",
            Self::Updated => "updated",
            Self::Uninstalled => "uninstalled",
            Self::Installed => "installed",
            Self::Enabled => "enabled",
            Self::Reported => "reported",
            Self::PoweredOff => "poweredOff",
            Self::PoweredOn => "poweredOn",
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::PickedUp => "Picked up",
            Self::Downloaded => "Downloaded",
            Self::Verified => "Verified",
            Self::Disabled => "Disabled",
            Self::Updated => "Updated",
            Self::Uninstalled => "Uninstalled",
            Self::Installed => "Installed",
            Self::Enabled => "Enabled",
            Self::Reported => "Reported",
            Self::PoweredOff => "Powered off",
            Self::PoweredOn => "Powered on",
        }
    }
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepPhase {
    /// Not begun.
    Waiting,
    /// Under way.
    Started,
    /// Ended well.
    Done,
    /// Ended badly.
    Failed,
    /// Not needed.
    Skipped,
}

impl StepPhase {
    /// Reads the wire's word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "waiting" => Self::Waiting,
            "started" => Self::Started,
            "done" => Self::Done,
            "failed" => Self::Failed,
            "skipped" => Self::Skipped,
            _ => return None,
        })
    }

    /// True once nothing more happens in the step.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Skipped)
    }
}

/// One step of one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// How it stands.
    pub phase: StepPhase,
    /// When it began, by the clock of whoever saw it.
    pub started_at: Option<Timestamp>,
    /// How long it took, measured where it happened.
    pub duration_ms: Option<u64>,
    /// A word more, for example a size.
    pub detail: Option<String>,
    /// True when it was inferred from the agent's requests rather than reported by it.
    pub derived: bool,
}

impl Step {
    /// A step that has not begun.
    pub const fn waiting(name: StepName) -> Self {
        Self { name, phase: StepPhase::Waiting, started_at: None, duration_ms: None, detail: None, derived: false }
    }
}
