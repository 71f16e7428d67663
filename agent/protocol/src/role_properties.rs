//! `POST /machine?comp=roleProperties`: what an agent tells of a machine after provisioning it.

use crate::ParseError;
use crate::xml::{self, Writer};

const WHAT: &str = "role properties";
/// Most bytes of a role properties document.
pub const MAX_ROLE_PROPERTIES_BYTES: usize = 64 * 1024;

/// The role properties document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleProperties {
    /// From the goal state.
    pub container_id: String,
    /// From the goal state.
    pub instance_id: String,
    /// Name and value; `CertificateThumbprint` carries the SSH host key's.
    pub properties: Vec<(String, String)>,
}

impl RoleProperties {
    /// The document as XML.
    #[must_use]
    pub fn render(&self) -> String {
        let mut xml = Writer::document("RoleProperties", &[]);
        xml.begin("Container", &[])
            .leaf("ContainerId", &self.container_id)
            .begin("RoleInstances", &[])
            .begin("RoleInstance", &[])
            .leaf("Id", &self.instance_id)
            .begin("Properties", &[]);
        for (name, value) in &self.properties {
            xml.empty("Property", &[("name", name), ("value", value)]);
        }
        xml.finish()
    }

    /// Reads the document.
    ///
    /// # Errors
    /// Larger than [`MAX_ROLE_PROPERTIES_BYTES`], no XML, or another root element.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let root = xml::parse(bytes, MAX_ROLE_PROPERTIES_BYTES, WHAT)?.expect(WHAT, "RoleProperties")?;
        let text = |name| root.find_text(name).unwrap_or_default().to_owned();
        let properties = root.find_all("Property").into_iter().map(|property| {
            let attribute = |name| property.attribute(name).unwrap_or_default().to_owned();
            (attribute("name"), attribute("value"))
        });
        Ok(Self { container_id: text("ContainerId"), instance_id: text("Id"), properties: properties.collect() })
    }
}
