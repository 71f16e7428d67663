//! The hosting environment document: three names that agents use in telemetry.

use crate::ParseError;
use crate::xml::{self, Writer};

const WHAT: &str = "hosting environment document";

/// `HostingEnvironmentConfig`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostingEnvironmentConfig {
    /// The deployment.
    pub deployment: String,
    /// The machine.
    pub vm_name: String,
    /// The role; by custom the machine's name behind an underscore.
    pub role: String,
}

impl HostingEnvironmentConfig {
    /// The document as XML.
    #[must_use]
    pub fn render(&self) -> String {
        let mut xml = Writer::document("HostingEnvironmentConfig", &[]);
        xml.empty("Deployment", &[("name", &self.deployment)])
            .empty("Incarnation", &[("number", "1"), ("instance", &self.vm_name)])
            .empty("Role", &[("name", &self.role)]);
        xml.finish()
    }

    /// Reads the document; every part may be missing.
    ///
    /// # Errors
    /// Larger than 64 KiB, no XML, or another root element.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let root = xml::parse(bytes, 64 * 1024, WHAT)?.expect(WHAT, "HostingEnvironmentConfig")?;
        let attribute = |element: &str, name: &str| {
            root.find(element).and_then(|found| found.attribute(name)).unwrap_or_default().to_owned()
        };
        Ok(Self {
            deployment: attribute("Deployment", "name"),
            vm_name: attribute("Incarnation", "instance"),
            role: attribute("Role", "name"),
        })
    }
}
