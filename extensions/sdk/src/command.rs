//! The command line of a handler: the five commands of the manifest, and the long part that `enable` starts itself.

/// What a handler process was started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Once per installed version.
    Install,
    /// For new settings, and again on every start of the agent.
    Enable,
    /// When the version changes; run by the higher of the two versions.
    Update,
    /// Before an update and before removal.
    Disable,
    /// On removal, and on the outgoing version of an update.
    Uninstall,
    /// The long part of enable; only the handler itself starts this one.
    Run,
}

impl Command {
    /// Reads the first argument of the process; `None` when it is no command.
    #[must_use]
    pub fn parse(argument: &str) -> Option<Self> {
        Some(match argument {
            "install" => Self::Install,
            "enable" => Self::Enable,
            "update" => Self::Update,
            "disable" => Self::Disable,
            "uninstall" => Self::Uninstall,
            "run" => Self::Run,
            _ => return None,
        })
    }

    /// The word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Enable => "enable",
            Self::Update => "update",
            Self::Disable => "disable",
            Self::Uninstall => "uninstall",
            Self::Run => "run",
        }
    }
}
