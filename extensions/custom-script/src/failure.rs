//! Why a run failed, in a form that a person and a program can use.

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
}
