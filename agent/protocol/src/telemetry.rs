//! `POST /machine?comp=telemetrydata`: events, an optional source of progress messages. `POST /HealthService`: probes.

use serde::{Deserialize, Serialize};

use crate::xml::{self, Element, Node, Writer};
use crate::{JsonDocument, ParseError};

const WHAT: &str = "telemetry";
/// Most bytes of a telemetry post; agents send at most 63 KiB.
pub const MAX_TELEMETRY_BYTES: usize = 128 * 1024;
/// Most events that are read from one post; the rest is dropped.
pub const MAX_EVENTS: usize = 500;

/// The events of one post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TelemetryData {
    /// Events in document order.
    pub events: Vec<TelemetryEvent>,
}

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TelemetryEvent {
    /// Identifier of the provider.
    pub provider: String,
    /// Identifier of the kind of event.
    pub id: String,
    /// The parameters.
    pub parameters: Vec<Parameter>,
}

/// One parameter of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// Such as `Operation`, `OperationSuccess`, `Message`, `Duration`.
    pub name: String,
    /// As text.
    pub value: String,
    /// Type, such as `mt:wstr`.
    pub kind: String,
}

impl TelemetryEvent {
    /// Value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.value.as_str())
    }
}

impl TelemetryData {
    /// The post as XML; one provider element per event.
    #[must_use]
    pub fn render(&self) -> String {
        let mut xml = Writer::document("TelemetryData", &[("version", "1.0")]);
        for event in &self.events {
            let mut inner = Writer::fragment();
            for Parameter { name, value, kind } in &event.parameters {
                inner.empty("Param", &[("Name", name), ("Value", value), ("T", kind)]);
            }
            xml.begin("Provider", &[("id", &event.provider)]);
            xml.begin("Event", &[("id", &event.id)]).cdata(&inner.finish()).end().end();
        }
        xml.finish()
    }

    /// Reads a post. An event whose CDATA does not parse is dropped; the others are kept.
    ///
    /// # Errors
    /// Larger than [`MAX_TELEMETRY_BYTES`], no XML, or another root element.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let root = xml::parse(bytes, MAX_TELEMETRY_BYTES, WHAT)?.expect(WHAT, "TelemetryData")?;
        let events = root.all("Provider").flat_map(|provider| {
            let id = provider.attribute("id").unwrap_or_default();
            provider.all("Event").filter_map(move |element| event(id, element))
        });
        Ok(Self { events: events.take(MAX_EVENTS).collect() })
    }
}

/// What an agent's probes found: `POST /HealthService`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HealthObservations {
    /// One for each probe.
    #[serde(default)]
    pub observations: Vec<Observation>,
}

/// What one probe found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Name of the probe.
    #[serde(rename = "ObservationName", default)]
    pub name: String,
    /// What it found.
    #[serde(rename = "IsHealthy", default)]
    pub healthy: bool,
    /// In words.
    #[serde(rename = "Description", default)]
    pub description: Option<String>,
}

impl JsonDocument for HealthObservations {
    const WHAT: &'static str = "health observations";
    const MAX_BYTES: usize = MAX_TELEMETRY_BYTES;
}

fn event(provider: &str, element: &Element) -> Option<TelemetryEvent> {
    let mut inner = String::from("<e>");
    for node in &element.children {
        if let Node::CData(data) = node {
            inner.push_str(data);
        }
    }
    inner.push_str("</e>");
    let inner = xml::parse(inner.as_bytes(), MAX_TELEMETRY_BYTES, WHAT).ok()?;
    let parameters = inner.all("Param").map(|param| {
        let attribute = |name| param.attribute(name).unwrap_or_default().to_owned();
        Parameter { name: attribute("Name"), value: attribute("Value"), kind: attribute("T") }
    });
    Some(TelemetryEvent {
        provider: provider.to_owned(),
        id: element.attribute("id").unwrap_or_default().to_owned(),
        parameters: parameters.collect(),
    })
}
