//! The agent's integration tests: real processes, real files, a temporary layout.

mod handler_lifecycle;
mod handler_rig;
