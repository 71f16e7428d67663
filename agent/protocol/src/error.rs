//! Why a document was refused.

/// A document that is not what its name says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Refused before parsing.
    #[error("{what} is {size} bytes; at most {max} are accepted")]
    TooLarge {
        /// Name of the document.
        what: &'static str,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        max: usize,
    },
    /// Elements, arrays or objects are nested deeper than any real document.
    #[error("{what} is nested deeper than {max} levels")]
    TooDeep {
        /// Name of the document.
        what: &'static str,
        /// The limit in levels.
        max: usize,
    },
    /// Not well-formed XML or JSON, or not UTF-8.
    #[error("{what} is malformed: {reason}")]
    Malformed {
        /// Name of the document.
        what: &'static str,
        /// What the parser said.
        reason: String,
    },
    /// Well-formed, but something that must be there is not.
    #[error("{what} lacks {item}")]
    Missing {
        /// Name of the document.
        what: &'static str,
        /// The element, attribute or key.
        item: &'static str,
    },
    /// Well-formed and complete, but a value is not allowed.
    #[error("{what} is not acceptable: {reason}")]
    Invalid {
        /// Name of the document.
        what: &'static str,
        /// What is wrong with which value.
        reason: String,
    },
}

impl ParseError {
    pub(crate) fn malformed(what: &'static str, reason: impl ToString) -> Self {
        Self::Malformed { what, reason: reason.to_string() }
    }

    pub(crate) fn invalid(what: &'static str, reason: impl ToString) -> Self {
        Self::Invalid { what, reason: reason.to_string() }
    }
}
