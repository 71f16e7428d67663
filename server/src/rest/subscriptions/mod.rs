//! The subscription and what every client asks of one.

mod body;
pub(super) mod empty;
pub(super) mod get;
pub(super) mod list;
pub(super) mod locations;
pub(super) mod providers;
pub(super) mod resources;
pub(super) mod tenants;
