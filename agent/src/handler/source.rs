//! Where packages come from. The transport implements it; the life cycle only decides when, and how often to retry.

use std::path::Path;

use super::{Failure, Version, WantedHandler, codes};

/// Something that can bring verified packages.
#[async_trait::async_trait]
pub trait PackageSource: Send + Sync + 'static {
    /// The published version that the wanted one means: the highest listed one that it is a prefix of.
    async fn resolve(&self, handler: &WantedHandler) -> Result<Version, SourceError>;

    /// Downloads the package of exactly this version into the file `into`, and says how many bytes that were.
    async fn download(&self, handler: &WantedHandler, version: &Version, into: &Path) -> Result<u64, SourceError>;

    /// Checks that the file is what the server signed for this version.
    async fn verify(&self, handler: &WantedHandler, version: &Version, package: &Path) -> Result<(), SourceError>;
}

/// Why a package could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The version manifest lists no such version.
    #[error("{0}")]
    Unlisted(String),
    /// The version manifest could not be fetched or understood.
    #[error("{message}")]
    Manifest {
        /// What happened.
        message: String,
        /// Whether trying again may help.
        transient: bool,
    },
    /// The package could not be fetched.
    #[error("{message}")]
    Package {
        /// What happened.
        message: String,
        /// Whether trying again may help.
        transient: bool,
    },
    /// The package is not what the server signed.
    #[error("{0}")]
    Refused(String),
}

impl SourceError {
    /// Whether trying again may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Manifest { transient, .. } | Self::Package { transient, .. } => *transient,
            Self::Unlisted(_) | Self::Refused(_) => false,
        }
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        let code = match &error {
            SourceError::Unlisted(_) => codes::UNKNOWN,
            SourceError::Manifest { .. } => codes::MANIFEST_DOWNLOAD,
            SourceError::Package { .. } | SourceError::Refused(_) => codes::PACKAGE_DOWNLOAD,
        };
        Self::new(code, error.to_string())
    }
}
