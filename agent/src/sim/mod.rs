//! Simulated agents on the real protocol, for tests and benches: no processes, no files, thousands in one process.
//!
//! ```text
//! step by step:   SimAgent::step() ── one request, or one thing it would do ──► Step
//! free-running:   SimAgent::start() ── a poll task and a work task ──► SimHandle (seen, done, vanish, come_back)
//! many:           Fleet
//! ```
//!
//! What a handler "does" is a [`Script`]: succeed after a while, fail with a code, print lines, vanish in the middle,
//! never report. Everything goes through the same documents and addresses as with a real agent; only the package's
//! code is not run.

mod agent;
mod fleet;
mod handle;
mod plan;
mod report;
mod script;
mod spool;

pub use agent::{SimAgent, SimError, Step};
pub use fleet::{Fleet, raise_file_limit};
pub use handle::{Progress, SimHandle};
pub use script::{End, Script};
