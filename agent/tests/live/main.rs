//! The agent against a small server over real sockets: the transport, the whole `annex-agent` process, and the
//! simulated agents.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "figures are shown with --no-capture")]

mod binary;
mod copies;
mod install;
mod package;
mod portal;
mod reconnect;
mod simulated;
mod transport;
