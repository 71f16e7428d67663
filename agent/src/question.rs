//! "Is it still goal state N?": what every agent asks, held by the server while it is.

use std::time::Duration;

use agent_protocol::{AgentContact, contact};

use crate::transport::Request;

const PATH: &str = "/machine/?comp=goalstate";
/// What the server is asked to hold at most; it decides, and holds shorter to notice agents that stopped.
const HOLD_SECONDS: u64 = 55;
/// An answer that is faster than this was not held: the server stops, or does not hold. Asking again waits a moment.
pub const HELD: Duration = Duration::from_secs(1);

/// The question of an agent that has goal state `known`, if any, and says this about itself.
#[must_use]
pub fn question(known: Option<u64>, contact: &AgentContact) -> Request {
    let request = match known {
        None => Request::get(PATH),
        Some(known) => Request::get(format!("{PATH}&wait={HOLD_SECONDS}&incarnation={known}"))
            .within(Duration::from_secs(HOLD_SECONDS + 20)),
    };
    request.header(contact::HEADER, contact.render())
}
