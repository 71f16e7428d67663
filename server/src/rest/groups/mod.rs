//! Resource groups.

pub(super) mod body;
pub(super) mod delete;
pub(super) mod exists;
pub(super) mod get;
pub(super) mod list;
pub(super) mod patch;
pub(super) mod put;
