//! A lease: a lock file that says "somebody works on this", for exactly as long as that process lives.
//!
//! ```text
//! short part            take ──► hand over as standard input ──► exit
//!                                         │
//! long part                               └──► inherited ──► ... ──► end of the process, however it ends
//! ```
//!
//! The lock belongs to the open file, so it passes from one process to the other without a moment in which nobody
//! holds it, and no crash, kill or power cut can leave it behind.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// A held lock; given up when dropped, unless handed over.
#[derive(Debug)]
pub struct Lease(File);

impl Lease {
    /// Takes the lease at `path`; `None` when somebody holds it.
    ///
    /// # Errors
    /// When the lock file cannot be created.
    pub fn try_take(path: &Path) -> io::Result<Option<Self>> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether somebody holds the lease at `path`.
    #[must_use]
    pub fn is_held(path: &Path) -> bool {
        File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// The file to give to a child as its standard input.
    #[must_use]
    pub fn into_file(self) -> File {
        self.0
    }

    /// The lease at `path`, which this process got as its standard input.
    ///
    /// # Errors
    /// When standard input is anything else: then nobody handed the lease over.
    pub fn inherited(path: &Path) -> io::Result<Self> {
        // a copy of the descriptor refers to the same open file, hence to the same lock
        let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let identity = |data: Metadata| (data.dev(), data.ino());
        if identity(file.metadata()?) != identity(path.metadata()?) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "standard input is not the lease"));
        }
        Ok(Self(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn only_one_may_hold_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lease");
        assert!(!Lease::is_held(&path));
        let lease = Lease::try_take(&path).unwrap().unwrap();
        assert!(Lease::is_held(&path));
        assert!(Lease::try_take(&path).unwrap().is_none());
        drop(lease);
        assert!(Lease::try_take(&path).unwrap().is_some());
    }

    #[test]
    fn passes_to_a_child_and_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lease");
        let lease = Lease::try_take(&path).unwrap().unwrap();
        let mut child = Command::new("sleep").arg("60").stdin(Stdio::from(lease.into_file())).spawn().unwrap();
        assert!(Lease::is_held(&path));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!Lease::is_held(&path));
    }
}
