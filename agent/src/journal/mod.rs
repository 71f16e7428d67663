//! The run journal: what happened in each run, on disk, until the server has it.
//!
//! One append-only file per run is both the record and the spool. A record is numbered and written before anybody
//! sends it, and it carries the position in the output file it was read from, so that an agent that was killed at any
//! point goes on with the next number and the next byte: no gap, no repeat.
//!
//! ```text
//! handler ──step, line──┐                         ┌──pending──► reporter ──► POST records
//! output file ──tail────┴──► Run ──append──► file ┤
//!                                                 └◄─acknowledge (next = N) ──────┘
//!
//!   open ──finish──► over ──everything acknowledged──► shrunk to its header ──newer incarnation──► deleted
//!    ▲                │
//!    └──run(key) again┘   (the same goal state applied again: numbers go on where they stopped)
//! ```
//!
//! What a handler's driver uses:
//!
//! ```no_run
//! # async fn example(journals: agent::journal::Journals, key: agent_protocol::RunKey) -> Result<(), agent::journal::JournalError> {
//! use agent_protocol::{StepName, StepPhase, Stream};
//! let run = journals.run(&key)?; // creates it, or goes on with what a killed agent left
//! run.started(StepName::Installed);
//! let begun = std::time::Instant::now();
//! let output = run.tail(Stream::Stdout, "/var/lib/annex-agent/run/1.stdout".as_ref()); // lines at once, by inotify
//! // … the command runs …
//! output.finish().await; // reads to the end of the file, then stops
//! run.ended(StepName::Installed, StepPhase::Done, begun.elapsed(), Some("exit code 0".to_owned()));
//! run.note("nothing else to do"); // a line of stream `agent`
//! run.finish().await; // finishes every tail, writes the count of dropped lines, marks the run over
//! # Ok(()) }
//! ```
//!
//! `step`, `line` and `tail` never fail: when the disk refuses, the journal says so in the log, and what was read from
//! an output file is read again later.

mod file;
mod lines;
mod run;
mod set;
mod tail;

pub use file::JournalError;
pub use run::Run;
pub use set::{Journals, Pending};
pub use tail::Tail;
