//! Why a request did not work.

use std::io;

/// A request that did not work.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// Nobody listens, the name does not resolve, or TLS failed.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// Whom.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The connection broke.
    #[error("the connection to {address} broke: {reason}")]
    Broken {
        /// To whom.
        address: String,
        /// How.
        reason: String,
    },
    /// No answer in time.
    #[error("no answer from {address} within {seconds} s")]
    Timeout {
        /// From whom.
        address: String,
        /// The limit.
        seconds: u64,
    },
    /// The answer is larger than allowed.
    #[error("the answer to {what} is larger than {limit} bytes")]
    TooLarge {
        /// Path of the request.
        what: String,
        /// The limit.
        limit: u64,
    },
    /// The server refused.
    #[error("{what} was answered with {status}{}", detail(.message))]
    Status {
        /// Method and path.
        what: String,
        /// HTTP status.
        status: u16,
        /// The server's words.
        message: String,
    },
    /// The address in a document is unusable.
    #[error("{0:?} is no address to fetch from")]
    BadUrl(String),
    /// The file that should take the answer cannot be written.
    #[error("cannot write {path}: {source}; check the disk's space")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// TLS cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
}

impl TransportError {
    /// Whether trying again may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::Broken { .. } | Self::Timeout { .. } | Self::File { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..),
            Self::TooLarge { .. } | Self::BadUrl(_) | Self::Tls(_) => false,
        }
    }

    /// The server's refusal, if it was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        if let Self::Status { status, .. } = self { Some(*status) } else { None }
    }
}

fn detail(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}
