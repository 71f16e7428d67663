//! The handler's own folder, `<agent folder>/<handler>`, shared by all its versions.
//!
//! ```text
//! <handler>/                 0700
//! ├── home                   the package in charge: where statuses go
//! ├── download/<seq>/        0700; downloads 0500; the command's working folder
//! └── run/<seq>.lease        held while the run lives
//!         <seq>.holder       who runs it
//!         <seq>.process      the command itself, where the handler notes it
//!         <seq>.state        how far it is, and what came of it
//!         <seq>.started      the command has begun
//!         <seq>.stop         why it is to end before its time
//!         <seq>.command      what the shell reads; only while it runs
//! ```
//!
//! `<seq>` is `<name>.<number>` where a handler has named instances.

use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::Handler;
use crate::atomic::{self, Durability};
use crate::environment::Environment;
use crate::sequence::{self, Sequence};

/// What each file of a run ends in.
pub(super) const ENDINGS: [&str; 7] = ["lease", "holder", "process", "state", "started", "stop", "command"];

/// Paths in the handler's own folder.
#[derive(Debug, Clone)]
pub struct Data {
    root: PathBuf,
}

impl Data {
    /// The folder of `handler` that belongs to `environment`.
    #[must_use]
    pub fn of(handler: &dyn Handler, environment: &Environment) -> Self {
        Self::at(environment.data_folder(handler.folder()))
    }

    /// The folder at `root`.
    #[must_use]
    pub const fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Creates what must be there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn prepare(&self) -> io::Result<()> {
        atomic::private_folder(&self.runs())?;
        atomic::private_folder(&self.downloads())
    }

    /// The whole folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Holds one folder per sequence number.
    #[must_use]
    pub fn downloads(&self) -> PathBuf {
        self.root.join("download")
    }

    /// Where the command of `sequence` works.
    #[must_use]
    pub fn download(&self, sequence: &Sequence) -> PathBuf {
        self.downloads().join(sequence.stem())
    }

    /// Holds what is known of each run.
    #[must_use]
    pub fn runs(&self) -> PathBuf {
        self.root.join("run")
    }

    /// A file of the run of `sequence`.
    #[must_use]
    pub fn run_file(&self, sequence: &Sequence, ending: &str) -> PathBuf {
        sequence.file(&self.runs(), ending)
    }

    /// All runs that something is known of, of every instance.
    #[must_use]
    pub fn known_runs(&self) -> Vec<Sequence> {
        sequence::all(&self.runs(), "lease")
    }

    /// Puts the package at `root` in charge.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn set_home(&self, root: &Path) -> io::Result<()> {
        atomic::write(&self.root.join("home"), root.as_os_str().as_bytes(), 0o600, Durability::Ordinary)
    }

    /// The package in charge.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        fs::read(self.root.join("home")).ok().map(|bytes| PathBuf::from(std::ffi::OsString::from_vec(bytes)))
    }
}
