//! The built handler in a machine's folders, called as an agent calls it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod crash;
mod download;
mod lifecycle;
mod machine;
mod run;
mod secrets;
