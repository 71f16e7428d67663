//! The pure core: from what is on the machine and what is wanted to the next command. No clock, no disk.
//!
//! ```text
//!            begin(record, wanted)              ┌─────────── next(record, wanted) ──► None: nothing left
//!  goal state ────────────────────► record ────►│                  │
//!                                     ▲                            ▼ Some(step)
//!                                     └── after(record, step, end) ◄── the supervisor does it
//! ```
//!
//! Nothing but the record connects one step with the next. So an agent that was killed anywhere, or that was given a
//! newer goal state between two commands, goes on by asking `next` again.

mod after;
mod begin;
mod next;
mod step;

#[cfg(test)]
mod scenarios;

pub use after::after;
pub use begin::{Begun, Cause, begin, retarget};
pub use next::{Focus, next};
pub use step::{End, Reason, Step};
