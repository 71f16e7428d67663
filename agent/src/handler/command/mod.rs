//! Running one of a package's commands so that the agent may die meanwhile.
//!
//! Every command has a *ticket*, a folder of its own. A small shell around the command holds the ticket's lock (it is
//! its standard input), notes its process id and, at the end, the exit code. So a later life of the agent knows without
//! guessing which of three things is true:
//!
//! ```text
//!  file `exit` is there ──► it ended; that is how            (never run again)
//!  `lock` is held       ──► it runs; wait until it is not    (never started twice)
//!  neither              ──► it never started, or the machine went down under it: the step is taken again
//! ```
//!
//! The command itself does not inherit the lock, so children that it leaves behind do not count as "it runs". It has a
//! session and process group of its own, which is killed as a whole when the time is over, and only then.

mod environment;
mod log;
mod run;
mod ticket;

pub use environment::{Context, environment};
pub use log::{log_path, write_log};
pub use run::{Order, Running, adopt, start};
pub use ticket::{Finished, Ticket};
