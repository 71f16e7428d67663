//! The marketplace as ARM lists it: publishers, types, versions.

mod body;
pub(super) mod get;
mod paths;
pub(super) mod publishers;
pub(super) mod types;
pub(super) mod versions;
