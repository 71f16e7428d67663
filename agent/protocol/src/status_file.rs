//! The status file, `status/<seq>.status`, written by handlers: a list of which only the first element counts.

use serde::Deserialize;
use serde::de::Error as _;

use crate::extension_status::{ExtensionStatus, FormattedMessage, Substatus};
use crate::status::SettingsStatus;
use crate::{ParseError, json};

const WHAT: &str = "status file";
/// Above this many bytes, texts are shortened.
pub const SHORTEN_ABOVE_BYTES: usize = 128 * 1024;
/// Above this many bytes, a status file is not read at all.
pub const MAX_STATUS_FILE_BYTES: usize = 4 * 1024 * 1024;
const SHORT_MESSAGE_BYTES: usize = 1024;
const SHORT_SUBSTATUS_BYTES: usize = 10 * 1024;

/// The one element of a status file.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusFile(pub SettingsStatus);

#[derive(Deserialize)]
#[serde(untagged)]
enum Shape {
    List(Vec<serde_json::Value>),
    Single(serde_json::Value),
}

impl StatusFile {
    /// A file with this status, written at `timestamp_utc` (RFC 3339).
    #[must_use]
    pub fn new(timestamp_utc: impl Into<String>, status: ExtensionStatus) -> Self {
        Self(SettingsStatus { version: 1.0, timestamp_utc: timestamp_utc.into(), status })
    }

    /// Reads a file leniently: codes as text, null messages, any operation. Files above [`SHORTEN_ABOVE_BYTES`] have
    /// their message cut to 1 KiB and every part's name and message to 10 KiB, and parts that would still pass the
    /// limit are dropped.
    ///
    /// # Errors
    /// Larger than [`MAX_STATUS_FILE_BYTES`], no JSON, an empty list, or no status in it: code 1012 for agents.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let shape: Shape = json::parse(bytes, MAX_STATUS_FILE_BYTES, WHAT)?;
        let element = match shape {
            Shape::List(list) => {
                list.into_iter().next().ok_or(ParseError::Missing { what: WHAT, item: "an element" })?
            }
            Shape::Single(element) => element,
        };
        let element = if element.is_object() { element } else { Err(malformed("the element is no object"))? };
        let mut file = Self(serde_json::from_value(element).map_err(|error| ParseError::malformed(WHAT, error))?);
        if bytes.len() > SHORTEN_ABOVE_BYTES {
            file.shorten();
        }
        Ok(file)
    }

    /// The file as JSON.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        json::render(&[&self.0])
    }

    fn shorten(&mut self) {
        let status = &mut self.0.status;
        cut(&mut status.formatted_message, SHORT_MESSAGE_BYTES);
        let mut left = SHORTEN_ABOVE_BYTES;
        status.substatus.retain_mut(|part| {
            let Substatus { name, formatted_message, .. } = part;
            cut_text(name, SHORT_SUBSTATUS_BYTES);
            cut(formatted_message, SHORT_SUBSTATUS_BYTES);
            let size = name.len() + formatted_message.message.len();
            left = left.saturating_sub(size);
            left > 0
        });
    }
}

fn malformed(reason: &str) -> ParseError {
    ParseError::malformed(WHAT, serde_json::Error::custom(reason))
}

fn cut(message: &mut FormattedMessage, bytes: usize) {
    cut_text(&mut message.message, bytes);
}

fn cut_text(text: &mut String, bytes: usize) {
    text.truncate(text.floor_char_boundary(bytes));
}

#[cfg(test)]
mod tests {
    use super::{SHORTEN_ABOVE_BYTES, StatusFile};
    use crate::extension_status::StatusLevel;

    #[test]
    fn large_files_are_shortened() {
        let big = "ä".repeat(SHORTEN_ABOVE_BYTES);
        let text = format!(
            r#"[{{"version":1.0,"timestampUTC":"","status":{{"status":"success","code":0,"formattedMessage":{{"lang":"en","message":"{big}"}},"substatus":[{{"name":"StdOut","status":"success","code":0,"formattedMessage":{{"lang":"en","message":"{big}"}}}}]}}}}]"#
        );
        let file = StatusFile::parse(text.as_bytes()).unwrap().0;
        assert_eq!(file.status.formatted_message.message.len(), 1024);
        assert_eq!(file.status.substatus[0].formatted_message.message.len(), 10 * 1024);
    }

    #[test]
    fn the_wild_is_read() {
        let text = br#"[{"version":"1.0","status":{"name":null,"operation":null,"status":"Success","code":"0",
            "formattedMessage":{"lang":"en-US","message":null},"substatus":null}},{"junk":1}]"#;
        let file = StatusFile::parse(text).unwrap().0;
        assert_eq!((file.status.status, file.status.code, file.version), (StatusLevel::Success, 0, 1.0));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "[]",
            "[1]",
            "null",
            "[{}]",
            "{\"status\":{}}",
            "[{\"status\":{\"status\":\"success\"",
            "[{\"status\":[]}]",
        ] {
            assert!(StatusFile::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
