//! What can go wrong around a lab machine.

use std::{io, path::PathBuf, time::Duration};

/// Why a machine could not be started, stopped or erased. Messages say what to do and may be shown.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A file or folder of the lab could not be read or written.
    #[error("The lab cannot use {path}: {source}. Check its owner and the space on its disk.")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is no agent to put into machines.
    #[error("There is no agent at {0}. Build it with `make agent`, or name it with --agent.")]
    NoAgent(PathBuf),
    /// Nothing isolates machines here, and nobody accepted that.
    #[error("{0}")]
    NotPermitted(String),
    /// The server ends.
    #[error("The portal is shutting down and starts no more machines.")]
    Closing,
    /// The machine did not come up.
    #[error("The machine did not start: {0}.")]
    Boot(String),
    /// It took too long.
    #[error("The machine did not start within {} s; its console.log may say why.", .0.as_secs())]
    Slow(Duration),
    /// Process 1 of the machine could not be signalled.
    #[error("Process {pid} of the machine could not be ended: {source}. Was the machine started by another user?")]
    Signal {
        /// Process 1 of the machine, as the host numbers it.
        pid: i32,
        /// Why not.
        source: io::Error,
    },
    /// Process 1 survived SIGKILL for a while.
    #[error("Process {0} of the machine did not end even when killed; it may hang in the kernel (disk or network).")]
    Unkillable(i32),
}

impl LabError {
    /// For `map_err`: names the file.
    pub(super) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
