//! Annex: agent.
