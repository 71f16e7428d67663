//! What a simulated handler does.

use std::time::Duration;

/// What happens when a handler's settings are applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Lines on standard output, one record each.
    pub lines: Vec<String>,
    /// How long it takes; free-running agents really wait, stepped ones do not.
    pub delay: Duration,
    /// How it ends.
    pub end: End,
    /// Fetch the extension manifest and the package, as a real agent does for a version it does not have.
    pub download: bool,
}

/// How a simulated handler ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Status `success`.
    Succeed,
    /// The handler installs, its status is `error` with this code.
    Fail {
        /// The status' code.
        code: i64,
        /// The status' message.
        message: String,
    },
    /// The enable command itself fails: handler not ready, code 1009.
    FailEnable {
        /// The handler's message.
        message: String,
    },
    /// The whole agent goes silent after the script's lines, until it is told to come back.
    Vanish,
    /// It stays `transitioning` for ever.
    NeverEnd,
    /// Records and status are never sent, though the agent goes on polling.
    NeverReport,
}

impl Default for Script {
    fn default() -> Self {
        Self { lines: Vec::new(), delay: Duration::ZERO, end: End::Succeed, download: false }
    }
}

impl Script {
    /// Succeeds at once.
    #[must_use]
    pub fn succeed() -> Self {
        Self::default()
    }

    /// Ends with status `error`.
    #[must_use]
    pub fn fail(code: i64, message: impl Into<String>) -> Self {
        Self { end: End::Fail { code, message: message.into() }, ..Self::default() }
    }

    /// Ends in another way.
    #[must_use]
    pub fn ending(end: End) -> Self {
        Self { end, ..Self::default() }
    }

    /// Takes this long.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Prints another line.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// Fetches manifest and package first.
    #[must_use]
    pub fn downloading(mut self) -> Self {
        self.download = true;
        self
    }
}
