//! The machine's clock: the only place where the agent asks what time it is.

use std::time::{SystemTime, UNIX_EPOCH};

use agent_protocol::Timestamp;

/// Now, by the machine's clock.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
