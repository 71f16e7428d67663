//! From a verified package file to a handler's directory.
//!
//! ```text
//! package.zip ──unzip──► <packages>/<name>-<version>.new ──manifest, folders, environment──► moved to its place
//! ```
//! The directory appears under its name only when it is complete, so an existing one can be trusted after a crash.

mod environment_file;
mod manifest;
mod place;
mod unzip;

pub use manifest::{command_of, read_manifest, traits_of};
pub use place::{carry_over, place, remove};
pub use unzip::{Limits as ArchiveLimits, UnzipError, unzip};
