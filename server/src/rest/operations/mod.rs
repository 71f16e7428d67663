//! Accepted requests.

pub(super) mod get;
