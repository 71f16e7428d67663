//! `POST /machine?comp=health`: sent once at start by agents that do not provision.

use crate::ParseError;
use crate::xml::{self, Element, Writer};

const WHAT: &str = "health report";
/// Most bytes of a health report.
pub const MAX_HEALTH_BYTES: usize = 64 * 1024;

/// The health report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthReport {
    /// The goal state in force.
    pub incarnation: u64,
    /// From the goal state.
    pub container_id: String,
    /// From the goal state.
    pub instance_id: String,
    /// `Ready` or `NotReady`.
    pub state: String,
    /// With `NotReady`: a word for the cause.
    pub sub_status: Option<String>,
    /// With `NotReady`: the cause in words.
    pub description: Option<String>,
}

impl HealthReport {
    /// The report as XML.
    #[must_use]
    pub fn render(&self) -> String {
        let mut xml = Writer::document("Health", &[]);
        xml.leaf("GoalStateIncarnation", &self.incarnation.to_string())
            .begin("Container", &[])
            .leaf("ContainerId", &self.container_id)
            .begin("RoleInstanceList", &[])
            .begin("Role", &[])
            .leaf("InstanceId", &self.instance_id)
            .begin("Health", &[])
            .leaf("State", &self.state);
        if self.sub_status.is_some() || self.description.is_some() {
            xml.begin("Details", &[])
                .leaf("SubStatus", self.sub_status.as_deref().unwrap_or_default())
                .leaf("Description", self.description.as_deref().unwrap_or_default());
        }
        xml.finish()
    }

    /// Reads a report.
    ///
    /// # Errors
    /// Larger than [`MAX_HEALTH_BYTES`], no XML, another root element, or no state.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let root = xml::parse(bytes, MAX_HEALTH_BYTES, WHAT)?.expect(WHAT, "Health")?;
        let text = |name| root.find_text(name).unwrap_or_default().to_owned();
        let details = root.find("Details");
        let detail = |name| details.and_then(|found| found.find_text(name)).map(str::to_owned);
        Ok(Self {
            incarnation: Element::number(
                WHAT,
                "GoalStateIncarnation",
                root.find_text("GoalStateIncarnation").unwrap_or("0"),
            )?,
            container_id: text("ContainerId"),
            instance_id: text("InstanceId"),
            state: root.required_text(WHAT, "State")?.to_owned(),
            sub_status: detail("SubStatus"),
            description: detail("Description"),
        })
    }
}
