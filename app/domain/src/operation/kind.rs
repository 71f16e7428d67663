//! What an operation does.

use serde::{Deserialize, Serialize};

use super::StepName;
use crate::vm::PowerAction;

/// The kinds of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OperationKind {
    /// Put an extension on machines that do not have it.
    Install,
    /// Change its settings; it runs with the next sequence number.
    ChangeSettings,
    /// Run it again with the same settings.
    RunAgain,
    /// Move it to another version.
    ChangeVersion,
    /// Restore an earlier revision: version, settings and protected settings.
    RollBack,
    /// Take it off.
    Remove,
    /// Switch a machine on or off.
    Power(PowerAction),
}

impl OperationKind {
    /// All kinds: the restart test walks them.
    pub const ALL: [Self; 9] = [
        Self::Install,
        Self::ChangeSettings,
        Self::RunAgain,
        Self::ChangeVersion,
        Self::RollBack,
        Self::Remove,
        Self::Power(PowerAction::Start),
        Self::Power(PowerAction::Stop),
        Self::Power(PowerAction::Restart),
    ];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::ChangeSettings => "change-settings",
            Self::RunAgain => "run-again",
            Self::ChangeVersion => "change-version",
            Self::RollBack => "roll-back",
            Self::Remove => "remove",
            Self::Power(PowerAction::Start) => "start",
            Self::Power(PowerAction::Stop) => "stop",
            Self::Power(PowerAction::Restart) => "restart",
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }

    /// The title of an operation of this kind about `subject` ("Custom Script 1.1.0", or a machine).
    pub fn title(self, subject: &str) -> String {
        match self {
            Self::Install => format!("Install {subject}"),
            Self::ChangeSettings => format!("Change settings of {subject}"),
            Self::RunAgain => format!("Run {subject} again"),
            Self::ChangeVersion => format!("Move to {subject}"),
            Self::RollBack => format!("Roll back to {subject}"),
            Self::Remove => format!("Remove {subject}"),
            Self::Power(action) => format!("{} {subject}", action.label()),
        }
    }

    /// The action of an activity line, as it follows a name: "ana *installed …*".
    pub fn past(self, subject: &str) -> String {
        match self {
            Self::Install => format!("installed {subject}"),
            Self::ChangeSettings => format!("changed settings of {subject}"),
            Self::RunAgain => format!("ran {subject} again"),
            Self::ChangeVersion => format!("moved to {subject}"),
            Self::RollBack => format!("rolled back to {subject}"),
            Self::Remove => format!("removed {subject}"),
            Self::Power(PowerAction::Start) => format!("started {subject}"),
            Self::Power(PowerAction::Stop) => format!("stopped {subject}"),
            Self::Power(PowerAction::Restart) => format!("restarted {subject}"),
        }
    }

    /// Steps to expect, in order; `new_version` when the machine must fetch a package for it.
    pub const fn expected_steps(self, new_version: bool) -> &'static [StepName] {
        use StepName::{
            Disabled, Downloaded, Enabled, Installed, PickedUp, PoweredOff, PoweredOn, Queued, Reported, Uninstalled,
            Updated, Verified,
        };
        match (self, new_version) {
            (Self::Install, _) => &[Queued, PickedUp, Downloaded, Verified, Installed, Enabled, Reported],
            (Self::ChangeSettings | Self::RunAgain, _) | (Self::RollBack | Self::ChangeVersion, false) => {
                &[Queued, PickedUp, Enabled, Reported]
            }
            (Self::ChangeVersion | Self::RollBack, true) => {
                &[Queued, PickedUp, Downloaded, Verified, Disabled, Updated, Uninstalled, Installed, Enabled, Reported]
            }
            (Self::Remove, _) => &[Queued, PickedUp, Disabled, Uninstalled, Reported],
            (Self::Power(PowerAction::Start), _) => &[Queued, PoweredOn],
            (Self::Power(PowerAction::Stop), _) => &[Queued, PoweredOff],
            (Self::Power(PowerAction::Restart), _) => &[Queued, PoweredOff, PoweredOn],
        }
    }

    /// Is it about a machine's power rather than an extension?
    pub const fn is_power(self) -> bool {
        matches!(self, Self::Power(_))
    }
}
