//! How far the run of one sequence number is, kept so that no crash loses a run or doubles one.
//!
//! ```text
//!            enable                 run: files are there          run: the command ended
//! (nothing) ───────► Accepted ─────────────────────────► Started ───────────────────────► Finished
//!                      │                                    │                                │
//!  found with nobody   │                                    │                                │
//!  at work:            └► the command has not begun:        └► the command was cut off:      └► show the
//!                         begin again                          never again                      status again
//! ```
//!
//! `mrseq` says "not again" as the contract wants it, this says how far it came. What must outlast a power cut is that
//! the command began: that is one file without content, since a name in a folder costs a single flush. The rest may be
//! a moment older after a power cut: before the command it then simply begins again, after it the status tells.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;

use serde::{Deserialize, Serialize};

use super::Data;
use crate::atomic::{self, Durability};
use crate::sequence::Sequence;
use crate::status::Status;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The settings were taken on; the user's command has not begun.
    Accepted,
    /// The user's command has begun, or is just about to.
    Started,
    /// It is over, and this came of it.
    Finished(Status),
}

#[derive(Serialize, Deserialize)]
struct Record {
    status: Option<Status>,
}

impl State {
    /// Reads how far `sequence` is; `None` when nothing is known of it.
    #[must_use]
    pub fn read(data: &Data, sequence: &Sequence) -> Option<Self> {
        let bytes = fs::read(data.run_file(sequence, "state")).unwrap_or_default();
        let record: Option<Record> = serde_json::from_slice(&bytes).ok();
        match (record, data.run_file(sequence, "started").exists()) {
            (Some(Record { status: Some(status) }), _) => Some(Self::Finished(status)),
            (_, true) => Some(Self::Started),
            (Some(Record { status: None }), false) => Some(Self::Accepted),
            (None, false) => None,
        }
    }

    /// Makes this the state of `sequence`; `Started` is on the disk when the call returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, data: &Data, sequence: &Sequence) -> io::Result<()> {
        let started = data.run_file(sequence, "started");
        match self {
            Self::Accepted => {
                // of an earlier life of this number, which install did not see
                let _ = fs::remove_file(started);
                record(data, sequence, None)
            }
            Self::Started => {
                OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(started)?;
                atomic::sync(&data.runs())
            }
            Self::Finished(status) => record(data, sequence, Some(status.clone())),
        }
    }
}

fn record(data: &Data, sequence: &Sequence, status: Option<Status>) -> io::Result<()> {
    let bytes = serde_json::to_vec(&Record { status }).map_err(io::Error::other)?;
    atomic::write(&data.run_file(sequence, "state"), &bytes, 0o600, Durability::Ordinary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::{Level, Substatus};

    #[test]
    fn states_survive_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let data = Data::at(folder.path().join("data"));
        data.prepare().unwrap();
        let sequence = Sequence { extension: None, number: 1 };
        assert_eq!(State::read(&data, &sequence), None);
        let status = Status::new(Level::Error, 2, "x").with_parts(vec![Substatus::new("StdOut", Level::Error, "y")]);
        for state in [State::Accepted, State::Started, State::Finished(status), State::Accepted] {
            state.write(&data, &sequence).unwrap();
            assert_eq!(State::read(&data, &sequence), Some(state));
        }
    }

    #[test]
    fn a_begun_command_is_remembered_even_if_the_record_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let data = Data::at(folder.path().join("data"));
        data.prepare().unwrap();
        let sequence = Sequence { extension: None, number: 1 };
        State::Accepted.write(&data, &sequence).unwrap();
        State::Started.write(&data, &sequence).unwrap();
        for damaged in ["", "{"] {
            fs::write(data.run_file(&sequence, "state"), damaged).unwrap();
            assert_eq!(State::read(&data, &sequence), Some(State::Started));
        }
    }
}
