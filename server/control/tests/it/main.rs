//! The use cases on a real database with a clock that the tests set. Agents are played by calling what the gateway calls.

mod accounts;
mod extensions;
mod fixture;
mod machines;
mod packages;
mod processes;
mod restarts;
mod runs;
