//! The status file: what a handler says came of one sequence number.
//!
//! ```text
//! Transitioning ──► Transitioning (progress) ──► Success | Error      Warning may stand for either
//! ```

mod file;

pub use file::StatusFile;

pub use agent_protocol::StatusLevel as Level;

use serde::{Deserialize, Serialize};

/// One named part of a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substatus {
    /// What the part is about, such as `StdOut`.
    pub name: String,
    /// How that part stands.
    pub level: Level,
    /// Meaning depends on the part.
    pub code: i64,
    /// Text for a person.
    pub message: String,
}

impl Substatus {
    /// A part with code 0.
    #[must_use]
    pub fn new(name: &str, level: Level, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), level, code: 0, message: message.into() }
    }

    /// The same part with another code.
    #[must_use]
    pub const fn with_code(mut self, code: i64) -> Self {
        self.code = code;
        self
    }
}

/// What a handler reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// How the whole stands.
    pub level: Level,
    /// 0 for success; above 0 a fault that the user can mend, else one of machine or platform.
    pub code: i64,
    /// Text for a person.
    pub message: String,
    /// The parts, in the order they are shown.
    pub parts: Vec<Substatus>,
}

impl Status {
    /// A status without parts.
    #[must_use]
    pub fn new(level: Level, code: i64, message: impl Into<String>) -> Self {
        Self { level, code, message: message.into(), parts: Vec::new() }
    }

    /// The same status with `parts`.
    #[must_use]
    pub fn with_parts(mut self, parts: Vec<Substatus>) -> Self {
        self.parts = parts;
        self
    }
}
