//! Annex: agent.

pub mod handler;
