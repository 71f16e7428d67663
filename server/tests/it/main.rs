//! The server as a whole: a real router on a real port, a database of its own, simulated agents.
//!
//! Start with `harness`; then one file for each thing that is promised.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod harness;

mod agent_history;
mod agents;
mod authorization;
mod browser_security;
mod crash;
mod database_away;
mod disk_full;
mod hostile;
mod layering;
mod live;
mod login;
mod off_machine;
mod packages;
mod real_agents;
mod refused_forms;
mod scripts;
mod sessions;
mod tls;
