//! Annex: application-health.

fn main() {}
