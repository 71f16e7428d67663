//! The life cycle of extension handlers on this machine (extension-model 4, wire-protocol 5).
//!
//! ```text
//!  ExtensionsConfig ──goal──► Wanted ──► supervisor ──► status document (report), run records (runs)
//!                                          │  ▲
//!                        plan: next step ◄─┘  └─ observer: status files, heartbeats (inotify)
//!                                          │
//!         source ─► package (unzip, place) │ command (session, ticket, time limit)
//!                                          ▼
//!                     record: facts on disk, the only thing that connects one step with the next
//! ```
//!
//! Start reading at [`plan`] (what comes next, pure) and [`supervisor`] (who does it).

mod boot;
pub mod codes;
pub mod command;
mod goal;
mod options;
pub mod package;
pub mod places;
pub mod plan;
pub mod record;
mod report;
mod runs;
mod seen;
mod source;
mod store;
pub mod supervisor;
mod version;
mod wanted;

pub use options::{Limits, Options};
pub use places::Places;
pub use source::{PackageSource, SourceError};
pub use store::Progress;
pub use supervisor::{Snapshot, Supervisor};
pub use version::{BadVersion, Version};
pub use wanted::{Failure, SINGLE, Verdict, Wanted, WantedExtension, WantedHandler, Wish};
