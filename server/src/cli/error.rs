//! Why the program ends early, in words for whoever started it.

use domain::fault::Fault;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// A file, folder or socket.
    #[error("{what}: {error}")]
    Io {
        /// Which.
        what: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The database.
    #[error("the database {url} cannot be used: {error}")]
    Database {
        /// Its address without a password.
        url: String,
        /// What it said.
        error: store::Error,
    },
    /// A use case.
    #[error("{}", fault_text(.0))]
    Fault(Fault),
    /// TLS.
    #[error(transparent)]
    Tls(#[from] crate::listen::TlsError),
    /// The lab.
    #[error("the lab cannot be used: {0}")]
    Lab(#[from] crate::lab::LabError),
    /// Anything else, as a sentence.
    #[error("{0}")]
    Said(String),
}

impl CliError {
    pub(super) fn io(what: impl Into<String>, error: std::io::Error) -> Self {
        Self::Io { what: what.into(), error }
    }
}

impl From<control::Error> for CliError {
    fn from(error: control::Error) -> Self {
        Self::Fault(error.into_fault())
    }
}

impl From<Fault> for CliError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The message and every finding, each on its own line with where it is.
fn fault_text(fault: &Fault) -> String {
    let place = fault.target.as_deref().map(|target| format!("{target}: ")).unwrap_or_default();
    let mut text = format!("{place}{}", fault.message);
    for detail in &fault.details {
        text.push_str("\n  ");
        text.push_str(&fault_text(detail));
    }
    text
}
