//! The built program, called as an agent calls it, on a machine whose `/etc` and homes are the test's own.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod apart;
mod lifecycle;
mod machine;
mod ssh;
mod users;
