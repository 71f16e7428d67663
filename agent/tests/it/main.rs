//! The agent's integration tests: real processes, real files, a temporary layout.

mod handler_crash;
mod handler_instances;
mod handler_lifecycle;
mod handler_output;
mod handler_packages;
mod handler_restart;
mod handler_rig;
mod handler_status;
