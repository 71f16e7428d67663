//! Operations: accepted long requests, as durable state machines with a pure step.
//!
//! An operation has one target for each machine it touches. A target moves only through [`OperationTarget::observe`]:
//!
//! ```text
//!                 goal state fetched            result for its own
//!   accepted        by the agent                sequence number
//!  ──────────► Queued ───────────► Running ───────────────────────► Succeeded | Failed
//!                │                    └── deadline passed ─────────► TimedOut
//!                ├── withdrawn ───────────────────────────────────► Canceled
//!                └── replaced by a newer change ──────────────────► Superseded
//! ```
//!
//! Terminal states stay: an observation that comes late changes nothing.

mod derive;
mod kind;
mod observe;
mod step;
mod target;
mod view;

pub use derive::Request;
pub use kind::OperationKind;
pub use observe::Observation;
pub use step::{Step, StepName, StepPhase};
pub use target::{OperationTarget, RUN_LIMIT_MS, TargetState, overall_state};
pub use view::{Operation, OperationDetail, OperationFilter, OperationSummary, TargetView};
