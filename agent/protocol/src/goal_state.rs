//! `GET /machine/?comp=goalstate`: which incarnation is in force, and where its parts are.

use crate::ParseError;
use crate::versions::PROTOCOL_VERSION;
use crate::xml::Element;
use crate::xml::{self, Writer};

const WHAT: &str = "goal state";

/// The goal state document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalState {
    /// Rises with every change of what the machine should be.
    pub incarnation: u64,
    /// Echoed by agents in `x-ms-containerid`.
    pub container_id: String,
    /// Echoed by agents in health reports.
    pub instance_id: String,
    /// Address of the hosting environment document.
    pub hosting_environment_config: String,
    /// Address of the shared configuration document.
    pub shared_config: String,
    /// Address of the extensions configuration; absent means "no extensions part".
    pub extensions_config: Option<String>,
    /// Address of the certificates document; needed only for protected settings.
    pub certificates: Option<String>,
    /// Echoed by agents in `x-ms-host-config-name`; the text before the first dot is the deployment.
    pub config_name: String,
}

impl GoalState {
    /// The document as XML.
    #[must_use]
    pub fn render(&self) -> String {
        let mut xml = Writer::document("GoalState", &[]);
        xml.leaf("Version", PROTOCOL_VERSION)
            .leaf("Incarnation", &self.incarnation.to_string())
            .begin("Machine", &[])
            .leaf("ExpectedState", "Started")
            .end()
            .begin("Container", &[])
            .leaf("ContainerId", &self.container_id)
            .begin("RoleInstanceList", &[])
            .begin("RoleInstance", &[])
            .leaf("InstanceId", &self.instance_id)
            .leaf("State", "Started")
            .begin("Configuration", &[])
            .leaf("HostingEnvironmentConfig", &self.hosting_environment_config)
            .leaf("SharedConfig", &self.shared_config);
        if let Some(url) = &self.extensions_config {
            xml.leaf("ExtensionsConfig", url);
        }
        if let Some(url) = &self.certificates {
            xml.leaf("Certificates", url);
        }
        xml.leaf("ConfigName", &self.config_name);
        xml.finish()
    }

    /// Reads the document.
    ///
    /// # Errors
    /// Larger than 64 KiB, no XML, or one of the elements that every agent needs is missing.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let root = xml::parse(bytes, 64 * 1024, WHAT)?.expect(WHAT, "GoalState")?;
        let instance = root.find("RoleInstance").ok_or(ParseError::Missing { what: WHAT, item: "RoleInstance" })?;
        let text = |element: &Element, name| element.required_text(WHAT, name).map(str::to_owned);
        let optional = |name| instance.find_text(name).filter(|url| !url.is_empty()).map(str::to_owned);
        Ok(Self {
            incarnation: Element::number(WHAT, "Incarnation", root.required_text(WHAT, "Incarnation")?)?,
            container_id: text(&root, "ContainerId")?,
            instance_id: text(instance, "InstanceId")?,
            hosting_environment_config: text(instance, "HostingEnvironmentConfig")?,
            shared_config: text(instance, "SharedConfig")?,
            extensions_config: optional("ExtensionsConfig"),
            certificates: optional("Certificates"),
            config_name: text(instance, "ConfigName")?,
        })
    }
}
