//! Annex: custom-script.

fn main() {}
