//! `PUT /status` of the host plugin: a status upload wrapped in JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::status::MAX_STATUS_BYTES;
use crate::{JsonDocument, ParseError};

/// The version of the host plugin's protocol, as `GET /versions` lists it.
pub const HOST_PLUGIN_VERSION: &str = "2015-09-01";

/// What would have been one upload request to `request_uri`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusUpload {
    /// Address of the status blob; with `&comp=page` for a page.
    pub request_uri: String,
    /// Headers of the wrapped request.
    #[serde(default)]
    pub headers: Vec<Header>,
    /// Base64 of the wrapped body; absent when a page blob is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// A header of the wrapped request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Such as `x-ms-blob-type`.
    pub header_name: String,
    /// Its value.
    pub header_value: String,
}

impl StatusUpload {
    /// A whole document for a block blob.
    #[must_use]
    pub fn block(request_uri: &str, document: &[u8]) -> Self {
        let header = Header { header_name: "x-ms-blob-type".to_owned(), header_value: "BlockBlob".to_owned() };
        Self { request_uri: request_uri.to_owned(), headers: vec![header], content: Some(STANDARD.encode(document)) }
    }

    /// The wrapped body, if there is one.
    ///
    /// # Errors
    /// The content is no base64.
    pub fn body(&self) -> Result<Option<Vec<u8>>, ParseError> {
        let decode = |text: &String| STANDARD.decode(text).map_err(|error| ParseError::malformed(Self::WHAT, error));
        self.content.as_ref().map(decode).transpose()
    }

    /// Value of a header, compared without case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|header| header.header_name.eq_ignore_ascii_case(name));
        found.map(|header| header.header_value.as_str())
    }
}

impl JsonDocument for StatusUpload {
    const WHAT: &'static str = "wrapped status upload";
    const MAX_BYTES: usize = MAX_STATUS_BYTES / 3 * 4 + 64 * 1024;
}
