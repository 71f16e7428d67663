//! The agent's integration tests: real processes, real files, a temporary layout.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "counts and times are shown with --no-capture")]

mod handler_crash;
mod handler_instances;
mod handler_lifecycle;
mod handler_output;
mod handler_packages;
mod handler_restart;
mod handler_rig;
mod handler_status;
