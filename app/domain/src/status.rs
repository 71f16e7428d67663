//! What was reported: immutable, with a time and a level.

use serde::{Deserialize, Serialize};

use crate::{
    generation::{Incarnation, SequenceNumber},
    timestamp::Timestamp,
    version::ExtensionVersion,
};

/// The word of a status file (extension model, section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StatusWord {
    /// Work goes on.
    Transitioning,
    /// Done, well.
    Success,
    /// Done or going on, with a remark; not terminal.
    Warning,
    /// Done, badly.
    Error,
}

impl StatusWord {
    /// The wire's word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Transitioning => "transitioning",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// Reads the wire's word; other words mean error (wire protocol, section 5.3).
    pub fn parse(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "transitioning" => Self::Transitioning,
            "success" => Self::Success,
            "warning" => Self::Warning,
            _ => Self::Error,
        }
    }

    /// Success and error end a run.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Success | Self::Error)
    }
}

/// One part of a status, named by the handler (`StdOut`, `AppHealthStatus`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substatus {
    /// Its name.
    pub name: String,
    /// Its word.
    pub status: StatusWord,
    /// Its code.
    pub code: i64,
    /// Its text.
    pub message: String,
}

/// What an extension reported about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionResult {
    /// For which settings.
    pub sequence_number: SequenceNumber,
    /// The word.
    pub status: StatusWord,
    /// Greater than 0: the user's side; 0 and below: the platform's side (extension model, section 4.9).
    pub code: i64,
    /// What the handler was doing (`Enable`).
    pub operation: String,
    /// Its text.
    pub message: String,
    /// Its parts.
    pub substatuses: Vec<Substatus>,
}

/// What the agent said about one handler, and the handler about one extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandlerReport {
    /// Which goal state had been processed.
    pub incarnation: Option<Incarnation>,
    /// The version that is on the machine.
    pub version: Option<ExtensionVersion>,
    /// `Ready`, `NotReady`, `Installing`, `Unresponsive`, or any word of a heartbeat.
    pub state: String,
    /// 0 or an agent error code (extension model, section 5.4).
    pub code: i64,
    /// The agent's or heartbeat's text.
    pub message: String,
    /// The extension's own part, when there is one.
    pub result: Option<ExtensionResult>,
    /// When the server received it.
    pub received_at: Timestamp,
}

impl HandlerReport {
    /// The agent gave up: final even when the extension's part says transitioning (wire protocol, section 7).
    pub fn handler_failed(&self) -> bool {
        self.state.eq_ignore_ascii_case("NotReady") && self.code != 0
    }
}

/// What an agent error code means and what to do (extension model, section 5.4).
pub fn explain_agent_code(code: i64) -> Option<(&'static str, &'static str)> {
    Some(match code {
        1000 => (
            "The agent could not process the extension",
            "Read the agent's message above; run it again once the cause is gone.",
        ),
        1001 => ("The package could not be fetched", "Check that the machine reaches this portal, then run it again."),
        1002 => ("The package has no HandlerManifest.json", "Publish a corrected package under a new version."),
        1003 => {
            ("The package's HandlerManifest.json cannot be read", "Publish a corrected package under a new version.")
        }
        1004 => {
            ("The package could not be downloaded", "Check that the machine reaches this portal, then run it again.")
        }
        1005 => ("The package could not be unpacked", "Check the free space under /var/lib/waagent on the machine."),
        1007 => {
            ("The install command failed", "Read its output below, mend the cause on the machine, and run it again.")
        }
        1008 => ("The update failed", "Read the output below. Roll back to the earlier version, or run it again."),
        1009 => ("The enable command failed", "Read its output below. A noexec mount of /var is a usual cause."),
        1010 => ("The disable command failed", "Read its output below. The extension was left as it was."),
        1011 => (
            "A command took longer than its limit and was ended",
            "Long work must go on in the background of the handler.",
        ),
        1012 => (
            "The extension's status file is not valid",
            "Report it to the publisher; the log folder on the machine has more.",
        ),
        2001 => ("The agent is too old for this goal state", "Update the agent on the machine."),
        _ => return None,
    })
}

impl ExtensionResult {
    /// Exit code of the script, from a substatus `ExitCode` (first-party handlers). Codes of other handlers are theirs to mean.
    pub fn exit_code(&self) -> Option<i64> {
        let named = self.substatuses.iter().find(|s| s.name.eq_ignore_ascii_case("ExitCode"));
        named.and_then(|s| s.message.trim().parse().ok().or(Some(s.code)))
    }
}

/// The first line of a message that says something, at most 300 characters; a heading of what follows reads as a
/// sentence of its own.
pub fn headline(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or("Done.");
    line.trim_end_matches(':').chars().take(300).collect()
}
