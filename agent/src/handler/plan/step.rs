//! The steps a plan is made of, and how a step can end.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::handler::record::Traits;
use crate::handler::{Failure, Version};

/// One step. Those marked *command* run one of the package's five commands; the rest are the agent's own and can be
/// repeated without harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Download, verify and unpack.
    Fetch {
        /// Which version.
        version: Version,
    },
    /// Command: disable one instance.
    Disable {
        /// The version whose command runs.
        version: Version,
        /// Key of the instance.
        extension: String,
        /// What for.
        reason: Reason,
    },
    /// Copy status files and mrseq from one version's directory to another's.
    CarryOver {
        /// The version that goes.
        from: Version,
        /// The version that comes.
        to: Version,
    },
    /// Command: update, always run by the higher of the two versions.
    Update {
        /// The version whose command runs.
        run_by: Version,
        /// The version that goes.
        from: Version,
        /// The version that comes.
        to: Version,
    },
    /// Command: uninstall.
    Uninstall {
        /// The version whose command runs.
        version: Version,
        /// What for.
        reason: Reason,
    },
    /// Delete a version's directory.
    Remove {
        /// Which version.
        version: Version,
    },
    /// Command: install.
    Install {
        /// The version whose command runs.
        version: Version,
    },
    /// The package updates without install: only the state changes.
    SkipInstall {
        /// Which version.
        version: Version,
    },
    /// Command: enable one instance.
    Enable {
        /// The version whose command runs.
        version: Version,
        /// Key of the instance.
        extension: String,
    },
    /// Delete the files of an instance that is gone.
    Forget {
        /// Key of the instance.
        extension: String,
    },
}

/// What disable or uninstall is run for; decides what a failure of it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// Another version comes.
    Update,
    /// The handler is to be disabled.
    Disable,
    /// The handler is to go.
    Uninstall,
    /// One instance of a multi-config handler was deleted.
    Delete,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// A command ended with this exit code, or one of the agent's own steps went well (0).
    Exit {
        /// The exit code; 128 + signal when it was killed by somebody else.
        code: i64,
        /// What to report when that is a failure: the command, the code and the end of what it printed.
        message: String,
    },
    /// A command ran over its limit and its process group was killed.
    TimedOut {
        /// The limit.
        limit: Duration,
        /// What to report: the command and the end of what it printed.
        message: String,
    },
    /// A package was fetched.
    Fetched(Traits),
    /// One of the agent's own steps failed, or a command could not be started.
    Failed(Failure),
}

impl End {
    /// A step of the agent's own went well.
    #[must_use]
    pub fn ok() -> Self {
        Self::Exit { code: 0, message: String::new() }
    }

    /// Whether the step did what it should.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self, Self::Exit { code: 0, .. } | Self::Fetched(_))
    }
}

impl Step {
    /// The version whose directory the step works in.
    #[must_use]
    pub fn version(&self) -> Option<&Version> {
        match self {
            Self::Fetch { version }
            | Self::Disable { version, .. }
            | Self::Uninstall { version, .. }
            | Self::Remove { version }
            | Self::Install { version }
            | Self::SkipInstall { version }
            | Self::Enable { version, .. }
            | Self::Update { run_by: version, .. } => Some(version),
            Self::CarryOver { to, .. } => Some(to),
            Self::Forget { .. } => None,
        }
    }

    /// Whether the step runs a command of the package.
    #[must_use]
    pub fn is_command(&self) -> bool {
        matches!(
            self,
            Self::Disable { .. }
                | Self::Update { .. }
                | Self::Uninstall { .. }
                | Self::Install { .. }
                | Self::Enable { .. }
        )
    }
}
