//! What the agent knows about one handler: the facts that planning starts from.
//!
//! A record is written to disk as a whole after every change, so that the next life of the agent plans from the same
//! facts. The life of a version on the machine:
//!
//! ```text
//!            fetch            install              enable
//!  (absent) ──────► NotInstalled ──────► Installed ──────► Enabled
//!                      │   ▲                 ▲  └──disable───┘
//!                      │   └──uninstall──────┘
//!                      └─update failed─► FailedUpgrade ──fetched anew──► NotInstalled
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plan::Step;
use super::{Failure, Version, Wish};

/// Where one version of a handler is in its life; the words of the `HandlerState` file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HandlerState {
    /// Unpacked, or uninstalled and not yet deleted.
    NotInstalled,
    /// Its install command ended well (or was not needed), and no instance is enabled.
    Installed,
    /// At least one instance is enabled.
    Enabled,
    /// The update to this version failed.
    FailedUpgrade,
}

/// One version of a handler that lies unpacked on the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// Where it is in its life.
    pub state: HandlerState,
    /// What its manifest declares.
    pub traits: Traits,
}

/// What planning needs to know of a package's manifest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traits {
    /// `supportsMultipleExtensions`.
    pub multi: bool,
    /// `updateMode` is not `UpdateWithInstall`.
    pub update_without_install: bool,
    /// `continueOnUpdateFailure`.
    pub continue_on_update_failure: bool,
    /// `reportHeartbeat`.
    pub heartbeat: bool,
}

/// How the last attempt to fulfil the wish went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is under way, or was interrupted.
    #[default]
    Pending,
    /// Everything asked for is done.
    Done,
    /// It stopped; not tried again until a new goal state or an agent restart.
    Failed(Failure),
}

/// One instance, as far as the agent got with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionRecord {
    /// Generation of the settings that were last asked for.
    pub sequence: u64,
    /// Without settings there is no extension status to report.
    pub has_settings: bool,
    /// Its last enable command ended well, and it was not disabled since.
    pub enabled: bool,
    /// Its enable command has to be called.
    pub due: bool,
    /// It is due because a goal state asked for something, not only because of a restart; a run tells about it.
    pub asked: bool,
    /// Why this instance could not be enabled.
    pub failure: Option<Failure>,
    /// The run that tells about it, while it is open.
    pub run: Option<OpenRun>,
}

/// A run whose journal is still open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRun {
    /// The goal state that caused it.
    pub incarnation: u64,
    /// Name of the extension resource.
    pub extension: String,
    /// Unix milliseconds at which enable was started; none before.
    pub enable_started: Option<i64>,
    /// The enable command ended well; only the final status is missing.
    pub enable_returned: bool,
    /// Command tickets whose output belongs to the run.
    pub tickets: Vec<u64>,
}

/// How far a change of version has got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateProgress {
    /// The version that goes.
    pub from: Version,
    /// The version that comes.
    pub to: Version,
    /// Exit codes of the old version's disable command by instance.
    pub disable_codes: BTreeMap<String, i64>,
    /// Status files and mrseq are in the new directory.
    pub carried: bool,
    /// The update command ended well.
    pub updated: bool,
    /// Exit code of the old version's uninstall command, once it ran.
    pub uninstall_code: Option<i64>,
}

/// A command that was started and whose end is not recorded yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inflight {
    /// Which step of the plan it is.
    pub step: Step,
    /// Number of its ticket, the folder that tells whether it still runs and how it ended.
    pub ticket: u64,
    /// The boot during which it was started.
    pub boot: String,
}

/// Everything known about one handler.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// `Publisher.Type`.
    pub handler: String,
    /// The goal state it was last looked at for.
    pub incarnation: u64,
    /// The version as the goal state put it.
    pub requested: Option<Version>,
    /// The published version that this means.
    pub target: Option<Version>,
    /// What should be true.
    pub wish: Wish,
    /// Whether instances have names.
    pub multi: bool,
    /// How the last attempt went.
    pub outcome: Outcome,
    /// Every unpacked version.
    pub versions: BTreeMap<Version, Installation>,
    /// Every instance by key.
    pub extensions: BTreeMap<String, ExtensionRecord>,
    /// A change of version that is not complete.
    pub update: Option<UpdateProgress>,
    /// The command that runs now.
    pub inflight: Option<Inflight>,
    /// How many command tickets were given out so far.
    pub tickets: u64,
}

impl Record {
    /// A handler that nothing is known of.
    pub fn new(handler: impl Into<String>) -> Self {
        Self { handler: handler.into(), ..Self::default() }
    }

    /// The version whose install command ran and whose uninstall command did not.
    #[must_use]
    pub fn current(&self) -> Option<&Version> {
        let alive = |state| matches!(state, HandlerState::Installed | HandlerState::Enabled);
        self.versions.iter().rev().find(|(_, found)| alive(found.state)).map(|(version, _)| version)
    }

    /// Where the given version is; `None` when it is not unpacked.
    #[must_use]
    pub fn state(&self, version: &Version) -> Option<HandlerState> {
        self.versions.get(version).map(|found| found.state)
    }

    /// Moves a version to another state; nothing happens when it is not unpacked.
    pub fn set_state(&mut self, version: &Version, state: HandlerState) {
        if let Some(found) = self.versions.get_mut(version) {
            found.state = state;
        }
    }

    /// The failure of the last attempt, if it failed.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match &self.outcome {
            Outcome::Failed(failure) => Some(failure),
            Outcome::Pending | Outcome::Done => None,
        }
    }
}
