//! Virtual machines.

pub(super) mod body;
pub(super) mod deallocate;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod instance_view;
pub(super) mod list;
pub(super) mod list_all;
mod page;
pub(super) mod patch;
pub(super) mod power_off;
pub(super) mod put;
pub(super) mod reapply;
pub(super) mod redeploy;
pub(super) mod restart;
pub(super) mod start;
