//! The shared configuration document: kept by agents on disk and otherwise unused.

use crate::ParseError;
use crate::xml::{self, Writer};

const WHAT: &str = "shared configuration document";

/// `SharedConfig`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedConfig {
    /// The deployment.
    pub deployment: String,
}

impl SharedConfig {
    /// The document as XML.
    #[must_use]
    pub fn render(&self) -> String {
        let mut xml = Writer::document("SharedConfig", &[]);
        xml.empty("Deployment", &[("name", &self.deployment)]);
        xml.finish()
    }

    /// Reads the document.
    ///
    /// # Errors
    /// Larger than 64 KiB, no XML, or another root element.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let root = xml::parse(bytes, 64 * 1024, WHAT)?.expect(WHAT, "SharedConfig")?;
        let deployment = root.find("Deployment").and_then(|found| found.attribute("name")).unwrap_or_default();
        Ok(Self { deployment: deployment.to_owned() })
    }
}
