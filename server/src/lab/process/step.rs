//! Errors of the lab's programs: what was being done, and what the kernel said.

use std::{fmt::Display, io};

/// One step failed.
#[derive(Debug, thiserror::Error)]
#[error("{step}: {source}")]
pub(super) struct StepError {
    step: String,
    source: io::Error,
}

/// Adds what was being done to an error.
pub(super) trait During<T> {
    /// `step` is a phrase such as "mounting /proc".
    fn during(self, step: impl Display) -> Result<T, StepError>;
}

impl<T, E: Into<io::Error>> During<T> for Result<T, E> {
    fn during(self, step: impl Display) -> Result<T, StepError> {
        self.map_err(|source| StepError { step: step.to_string(), source: source.into() })
    }
}
