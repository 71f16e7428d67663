//! The heartbeat file, written by long-running handlers. Its age is its modification time.

use serde::{Deserialize, Serialize};

use crate::extension_status::FormattedMessage;
use crate::{ParseError, json, lenient};

const WHAT: &str = "heartbeat file";
/// Older than this many seconds, a handler is unresponsive.
pub const UNRESPONSIVE_AFTER_SECONDS: u64 = 600;
const MAX_BYTES: usize = 64 * 1024;

/// The one beat of a heartbeat file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Heartbeat {
    /// `ready` or `notready`, or any word; it becomes the handler's status.
    #[serde(deserialize_with = "lenient::text")]
    pub status: String,
    /// The handler's code.
    #[serde(default, deserialize_with = "lenient::code")]
    pub code: i64,
    /// The handler's message.
    #[serde(default)]
    pub formatted_message: FormattedMessage,
}

#[derive(Serialize, Deserialize)]
struct Element {
    #[serde(default = "lenient::one", deserialize_with = "lenient::version")]
    version: f64,
    heartbeat: Heartbeat,
}

impl Heartbeat {
    /// Reads a file.
    ///
    /// # Errors
    /// Larger than 64 KiB, no JSON list with a heartbeat in it.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let list: Vec<Element> = json::parse(bytes, MAX_BYTES, WHAT)?;
        let first = list.into_iter().next().ok_or(ParseError::Missing { what: WHAT, item: "an element" })?;
        Ok(first.heartbeat)
    }

    /// The file as JSON.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        json::render(&[Element { version: 1.0, heartbeat: self.clone() }])
    }
}
