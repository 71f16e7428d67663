//! The handler life cycle.
mod version;
mod wanted;
pub mod codes;
pub mod record;
pub mod plan;

pub use version::{BadVersion, Version};
pub use wanted::{Failure, SINGLE, Verdict, Wanted, WantedExtension, WantedHandler, Wish};
