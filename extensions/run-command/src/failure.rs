//! Why a run came to no command, in a form that a person and a program can use.

/// A code of [`crate::codes`] and words that say what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// One of [`crate::codes`].
    pub code: i64,
    /// Whole sentences.
    pub message: String,
}

impl Failure {
    /// A failure with `code` and `message`.
    #[must_use]
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The machine refused something.
    #[must_use]
    pub fn system(error: &std::io::Error) -> Self {
        Self::new(crate::codes::SYSTEM, format!("The machine refuses: {error}. Check free space and mount options."))
    }
}
