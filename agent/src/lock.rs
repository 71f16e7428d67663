//! One agent per machine: a lock that the kernel gives back when the process dies, however it dies.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

/// Held as long as this value lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// The lock was not given.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another agent has it.
    #[error("another annex-agent{} is running with {path}; stop it first", process(.pid))]
    Held {
        /// The lock file.
        path: PathBuf,
        /// The other agent's process, when it is known.
        pid: Option<u32>,
    },
    /// The file cannot be used.
    #[error("cannot use {path}: {source}; run the agent as root or give another --state-dir")]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Lock {
    /// Takes the lock, or says who has it. Waits up to `patience`: when an agent is killed in the moment it starts a
    /// command, that child holds a copy of the lock until it becomes the command.
    ///
    /// # Errors
    /// Another process holds it, or the file cannot be made.
    pub fn take(path: &Path, patience: Duration) -> Result<Self, LockError> {
        let io = |source: io::Error| LockError::Io { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path).map_err(io)?;
        let begun = Instant::now();
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(Errno::WOULDBLOCK) if begun.elapsed() < patience => std::thread::sleep(Duration::from_millis(10)),
                Err(Errno::WOULDBLOCK) => return Err(LockError::Held { path: path.to_owned(), pid: holder(path) }),
                Err(error) => return Err(io(error.into())),
            }
        }
        file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(io)?;
        Ok(Self { _file: file })
    }

    /// Process of the agent that holds the lock, if one does.
    #[must_use]
    pub fn held_by(path: &Path) -> Option<u32> {
        let file = File::open(path).ok()?;
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Err(Errno::WOULDBLOCK) => holder(path).or(Some(0)),
            _ => None,
        }
    }
}

fn holder(path: &Path) -> Option<u32> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn process(pid: &Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Lock, LockError};

    #[test]
    fn only_one_has_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        assert_eq!(Lock::held_by(&path), None);
        let lock = Lock::take(&path, Duration::ZERO).unwrap();
        assert!(
            matches!(Lock::take(&path, Duration::from_millis(20)), Err(LockError::Held { pid: Some(pid), .. }) if pid == std::process::id())
        );
        assert_eq!(Lock::held_by(&path), Some(std::process::id()));
        drop(lock);
        assert_eq!(Lock::held_by(&path), None);
        Lock::take(&path, Duration::ZERO).unwrap();
    }
}
