//! Annex: agent.

fn main() {}
