//! `HandlerEnvironment.json`: where a handler finds its folders. Written by the agent into the package's directory.

use serde::{Deserialize, Serialize};

use crate::{ParseError, json, lenient};

const WHAT: &str = "HandlerEnvironment.json";
const MAX_BYTES: usize = 256 * 1024;

/// The one element of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandlerEnvironment {
    /// `Publisher.Type`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
    /// 1.0.
    #[serde(default = "lenient::one", deserialize_with = "lenient::version")]
    pub version: f64,
    /// The folders.
    pub handler_environment: Folders,
}

/// Folders of one handler; all paths are absolute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Folders {
    /// For the handler's own log files.
    pub log_folder: String,
    /// Holds the settings files.
    pub config_folder: String,
    /// Takes the status files.
    pub status_folder: String,
    /// The heartbeat file.
    pub heartbeat_file: String,
    /// Takes telemetry events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events_folder: Option<String>,
    /// The same under its older name.
    #[serde(rename = "eventsFolder_preview", default, skip_serializing_if = "Option::is_none")]
    pub events_folder_preview: Option<String>,
    /// Annex's own: takes `<seq>.stdout` and `<seq>.stderr`, which the agent follows line by line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_folder: Option<String>,
}

impl HandlerEnvironment {
    /// The file of a handler.
    #[must_use]
    pub fn new(name: impl Into<String>, folders: Folders) -> Self {
        Self { name: name.into(), version: 1.0, handler_environment: folders }
    }

    /// Reads a file; unknown keys are ignored.
    ///
    /// # Errors
    /// Larger than 256 KiB, or no JSON list with the four folders in it.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let list: Vec<Self> = json::parse(bytes, MAX_BYTES, WHAT)?;
        list.into_iter().next().ok_or(ParseError::Missing { what: WHAT, item: "an element" })
    }

    /// The file as JSON.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        json::render(&[self])
    }
}
