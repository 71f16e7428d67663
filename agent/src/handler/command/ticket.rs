//! The folder of one command.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::handler::places::{private_folder, replace_file};

/// How many bytes of each stream end up in a failure message.
const TAIL_BYTES: u64 = 1600;
/// What the file `exit` says when the agent killed the command.
const TIMED_OUT: &str = "timeout";

/// The folder of one command. See the module's head for what its files mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    folder: PathBuf,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// By itself; 128 + signal when somebody else killed it.
    Exit(i64),
    /// It ran over its limit and was killed with its process group.
    TimedOut,
}

impl Ticket {
    /// The ticket whose folder is `folder`; touches nothing.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Creates the folder; one of the same number that was never used up is emptied.
    ///
    /// # Errors
    /// As the file system says.
    pub fn create(folder: PathBuf) -> io::Result<Self> {
        super::super::package::remove(&folder)?;
        private_folder(&folder)?;
        Ok(Self { folder })
    }

    /// What the command prints.
    #[must_use]
    pub fn stdout(&self) -> PathBuf {
        self.folder.join("stdout")
    }

    /// What the command prints on standard error.
    #[must_use]
    pub fn stderr(&self) -> PathBuf {
        self.folder.join("stderr")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.folder.join("lock")
    }

    pub(super) fn pid_file(&self) -> PathBuf {
        self.folder.join("pid")
    }

    pub(super) fn exit_file(&self) -> PathBuf {
        self.folder.join("exit")
    }

    /// The noted end, if there is one.
    #[must_use]
    pub fn finished(&self) -> Option<Finished> {
        let text = fs::read_to_string(self.exit_file()).ok()?;
        match text.strip_suffix('\n')? {
            TIMED_OUT => Some(Finished::TimedOut),
            code => code.parse().ok().map(Finished::Exit),
        }
    }

    /// Notes that the agent is about to kill the command.
    pub(super) fn note_timeout(&self) -> io::Result<()> {
        replace_file(&self.exit_file(), format!("{TIMED_OUT}\n").as_bytes())
    }

    /// The process id of the shell around the command, which is also its process group.
    pub(super) fn process_group(&self) -> Option<i32> {
        fs::read_to_string(self.pid_file()).ok()?.trim().parse().ok()
    }

    /// Whether the shell around the command still lives.
    pub(super) fn is_held(&self) -> bool {
        File::open(self.lock()).is_ok_and(|file| matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)))
    }

    /// For how long the command has been there, by the machine's clock; zero when the clock went back.
    #[must_use]
    pub fn age(&self) -> Duration {
        fs::metadata(self.lock())
            .and_then(|meta| meta.modified())
            .ok()
            .and_then(|at| at.elapsed().ok())
            .unwrap_or_default()
    }

    /// The text for a failure: `what`, then the ends of both streams.
    #[must_use]
    pub fn message(&self, what: &str) -> String {
        let (stdout, stderr) = (tail(&self.stdout()), tail(&self.stderr()));
        format!("{what}\n[stdout]\n{}\n\n[stderr]\n{}", stdout.trim_end(), stderr.trim_end())
    }
}

fn tail(path: &Path) -> String {
    let read = || {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
        io::Result::Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_default()
}
