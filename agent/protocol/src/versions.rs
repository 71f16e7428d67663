//! `GET /?comp=versions`: which protocol versions the server speaks.

use crate::ParseError;
use crate::xml::{self, Writer};

/// The protocol version that the standard agent insists on.
pub const PROTOCOL_VERSION: &str = "2012-11-30";

const WHAT: &str = "versions document";

/// The versions document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    /// What the server likes best.
    pub preferred: String,
    /// Everything it speaks.
    pub supported: Vec<String>,
}

impl Default for Versions {
    fn default() -> Self {
        Self { preferred: PROTOCOL_VERSION.to_owned(), supported: vec![PROTOCOL_VERSION.to_owned()] }
    }
}

impl Versions {
    /// Whether an agent of the standard protocol can talk to this server.
    #[must_use]
    pub fn speaks_standard(&self) -> bool {
        self.preferred == PROTOCOL_VERSION || self.supported.iter().any(|version| version == PROTOCOL_VERSION)
    }

    /// The document as XML.
    #[must_use]
    pub fn render(&self) -> String {
        let mut xml = Writer::document("Versions", &[]);
        xml.begin("Preferred", &[]).leaf("Version", &self.preferred).end().begin("Supported", &[]);
        for version in &self.supported {
            xml.leaf("Version", version);
        }
        xml.finish()
    }

    /// Reads the document.
    ///
    /// # Errors
    /// Larger than 16 KiB, no XML, or another root element.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let root = xml::parse(bytes, 16 * 1024, WHAT)?.expect(WHAT, "Versions")?;
        let preferred = root.child("Preferred").and_then(|preferred| preferred.find_text("Version")).unwrap_or("");
        let supported = root.child("Supported").map(|list| list.find_all("Version")).unwrap_or_default();
        Ok(Self {
            preferred: preferred.to_owned(),
            supported: supported.into_iter().map(|version| version.text().to_owned()).collect(),
        })
    }
}
