//! The handler's own folder, `<agent folder>/application-health`: the lease of the one process that probes.

use std::io;
use std::path::{Path, PathBuf};

use handler_sdk::atomic;
use handler_sdk::environment::Environment;

/// Paths in the handler's own folder.
#[derive(Debug, Clone)]
pub struct Data {
    root: PathBuf,
}

impl Data {
    /// The folder that belongs to `environment`.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        Self { root: environment.data_folder("application-health") }
    }

    /// Creates the folder.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn prepare(&self) -> io::Result<()> {
        atomic::private_folder(&self.root)
    }

    /// The whole folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Held by the process that probes.
    #[must_use]
    pub fn lease(&self) -> PathBuf {
        self.root.join("probe.lease")
    }

    /// Names the process that probes.
    #[must_use]
    pub fn holder(&self) -> PathBuf {
        self.root.join("probe.holder")
    }
}
