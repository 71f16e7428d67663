//! The use cases on a real database with a clock that the tests set. Agents are played by calling what the gateway calls.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not as it should be")]

mod access;
mod accounts;
mod agents;
mod api;
mod asked;
mod clock;
mod enrolment;
mod extensions;
mod fixture;
mod machines;
mod marketplace;
mod packages;
mod processes;
mod remembered;
mod restarts;
mod runs;
mod tokens;
