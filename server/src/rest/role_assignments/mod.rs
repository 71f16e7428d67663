//! Roles, and who has them where.

mod body;
pub(super) mod definitions;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;
mod paths;
pub(super) mod put;
