//! Run commands: the action, managed ones, and what the action offers.

mod body;
pub(super) mod catalogue;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod invoke;
pub(super) mod list;
pub(super) mod patch;
pub(super) mod put;
