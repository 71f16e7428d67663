//! Why something was not done, in a form that a person and a program can use.

use std::fmt::Display;

use crate::codes;

/// A code of [`crate::codes`] and words that say what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Sign and value as in [`crate::codes`].
    pub code: i64,
    /// Follows "Enable failed: ".
    pub message: String,
}

impl Failure {
    /// A failure with `code` and `message`.
    #[must_use]
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The machine refused to do something with `what`.
    #[must_use]
    pub fn system(what: impl Display, error: &std::io::Error) -> Self {
        Self::new(codes::SYSTEM, format!("{what}: {error}"))
    }
}
