//! Annex: server.

fn main() {}
