//! How far the run of one sequence number is, kept so that no crash loses a run or doubles one.
//!
//! ```text
//!            enable                 run: files are there          run: the command ended
//! (nothing) ───────► Accepted ─────────────────────────► Started ───────────────────────► Finished
//!                      │                                    │                                │
//!  found with nobody   │                                    │                                │
//!  at work:            └► the command has not begun:        └► the command was cut off:      └► show the
//!                         begin again                          code 3, never again              status again
//! ```
//!
//! `mrseq` says "not again", this says how far it came; both are on the disk before the user's command begins.

use std::fs;
use std::io;
use std::path::Path;

use handler_sdk::atomic::{self, Durability};
use handler_sdk::status::Status;
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "camelCase")]
pub enum State {
    /// The settings were taken on; the user's command has not begun.
    Accepted,
    /// The user's command has begun, or is just about to.
    Started,
    /// It is over.
    Finished {
        /// What came of it.
        status: Status,
    },
}

impl State {
    /// Reads the state; `None` when nothing is known.
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Makes this the state, on the disk when the call returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        atomic::write(path, &serde_json::to_vec(self).map_err(io::Error::other)?, 0o600, Durability::Synced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use handler_sdk::status::{Level, Substatus};

    #[test]
    fn states_survive_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.state");
        let status = Status::new(Level::Error, 2, "x").with_parts(vec![Substatus::new("StdOut", Level::Error, "y")]);
        for state in [State::Accepted, State::Started, State::Finished { status }] {
            state.write(&path).unwrap();
            assert_eq!(State::read(&path), Some(state));
        }
        fs::write(&path, "{").unwrap();
        assert_eq!(State::read(&path), None);
    }
}
