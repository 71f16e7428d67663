//! What every Annex extension handler is built on.
//!
//! A handler is one small program that an agent starts for five commands. This crate knows the contract between the
//! two, so that a handler only holds what is its own:
//!
//! ```text
//! agent ── HandlerEnvironment.json, <seq>.settings ──► environment, sequence, settings, schema
//!   │                                                      │
//!   │ enable, with a sequence number                       ▼
//!   ├──────────────► short part: is it new? ── lease ──► long part: own session, same binary   (detach)
//!   │                     │ exit 0 in milliseconds         │
//!   │                     ▼                                ▼
//!   ◄── <seq>.status ── status            supervise ── script: stdout and stderr into files ── output
//!   ◄── heartbeat.log ─ heartbeat              └── deadline, signals: the whole group ends
//! ```
//!
//! Rules that hold everywhere: files that others read are replaced atomically ([`atomic`]); values of protected
//! settings pass through a [`redact::Redactor`] before they reach a log or a status; nothing here needs a C library,
//! an interpreter or a particular processor.

pub mod account;
pub mod atomic;
pub mod command;
pub mod detach;
pub mod environment;
pub mod exit;
pub mod heartbeat;
pub mod holder;
#[cfg(feature = "http")]
pub mod http;
pub mod image;
pub mod lease;
pub mod log;
pub mod moving;
pub mod output;
#[cfg(feature = "pack")]
pub mod pack;
pub mod redact;
pub mod runs;
pub mod schema;
pub mod sequence;
pub mod settings;
pub mod status;
pub mod supervise;
pub mod termination;
pub mod text;
pub mod tool;
