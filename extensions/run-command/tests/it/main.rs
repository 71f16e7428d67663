//! The built program, called as an agent calls it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod instances;
mod machine;
mod output;
mod parameters;
mod run;
mod user;
