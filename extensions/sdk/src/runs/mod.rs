//! Work that is done once per sequence number: taken on by `enable`, done by a process of its own, never lost or doubled.
//!
//! ```text
//! enable ──► short part (enable.rs): is it new? ── lease ──► long part: the handler's own, `<program> run <seq>`
//!                                                              │ state.rs: Accepted ─► Started ─► Finished
//! newer settings, removal ──► stop.rs ── TERM ────────────────►│
//!                                                              └─► publish.rs: status, where the agent looks now
//! install, update, uninstall ──► lifecycle.rs                      clean.rs: what earlier numbers left goes
//! ```
//!
//! Where to start: `state.rs` says what keeps a run from being lost or doubled. A handler with several named instances
//! has one such life for each name.

mod clean;
mod data;
mod enable;
mod lifecycle;
mod publish;
mod state;
mod stop;

use std::io;

pub use clean::{forget, older_than};
pub use data::Data;
pub use enable::enable;
pub use lifecycle::{install, uninstall, update};
pub use publish::publish;
pub use state::State;
pub use stop::{reason, stop_where};

use crate::environment::Environment;
use crate::sequence::Sequence;
use crate::status::{Level, Status, StatusFile};

/// What a handler adds to the life of a run: its names and its words.
pub trait Handler {
    /// The handler's type, under which statuses are filed.
    fn name(&self) -> &'static str;

    /// The name of its own folder beside the packages.
    fn folder(&self) -> &'static str;

    /// Whether what a status file shows is the last word on its run.
    fn is_final(&self, shown: &StatusFile) -> bool {
        shown.level().is_some_and(Level::is_terminal)
    }

    /// The status of settings that were taken on just now.
    fn accepted(&self) -> Status;

    /// The status of settings that the machine does not let it take on.
    fn refused(&self, error: &io::Error) -> Status;

    /// The status of a run that a power cut or a crash cut off; it is not repeated.
    fn cut_off(&self, environment: &Environment, sequence: &Sequence) -> Status;

    /// The status of a run that was ended on purpose and could not say so itself.
    fn stopped(&self, environment: &Environment, sequence: &Sequence, reason: &str) -> Status;
}
