//! The status document: everything a machine has to say, complete, every time.

use serde::{Deserialize, Serialize};

use crate::extension_status::{ExtensionStatus, FormattedMessage};
use crate::{JsonDocument, ParseError, json, lenient};

/// Most bytes of a status document.
pub const MAX_STATUS_BYTES: usize = 4 * 1024 * 1024;

/// The status document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusDocument {
    /// `1.1`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub version: String,
    /// When it was made, by the machine's clock.
    #[serde(rename = "timestampUTC", default, deserialize_with = "lenient::text")]
    pub timestamp_utc: String,
    /// The contents.
    pub aggregate_status: AggregateStatus,
    /// The system it runs on.
    #[serde(rename = "guestOSInfo", default, skip_serializing_if = "Option::is_none")]
    pub guest_os_info: Option<GuestOsInfo>,
    /// What the agent can do beyond the basics.
    #[serde(default, deserialize_with = "lenient::list")]
    pub supported_features: Vec<SupportedFeature>,
}

/// Agent, handlers, goal state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AggregateStatus {
    /// The agent about itself.
    #[serde(default)]
    pub guest_agent_status: GuestAgentStatus,
    /// One element per handler, for multi-config handlers one per configuration. A handler that was uninstalled is
    /// missing here; that is the sign of success.
    #[serde(default, deserialize_with = "lenient::list")]
    pub handler_aggregate_status: Vec<HandlerStatus>,
    /// How far the agent is with the goal state; absent before the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vm_artifacts_aggregate_status: Option<VmArtifactsStatus>,
}

/// The agent about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GuestAgentStatus {
    /// The agent's version.
    #[serde(default, deserialize_with = "lenient::text")]
    pub version: String,
    /// `Ready`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: String,
    /// In words.
    #[serde(default)]
    pub formatted_message: FormattedMessage,
}

/// One handler, or one configuration of a multi-config handler.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandlerStatus {
    /// `Publisher.Type`.
    pub handler_name: String,
    /// The version on the machine.
    #[serde(default, deserialize_with = "lenient::text")]
    pub handler_version: String,
    /// `Ready`, `NotReady`, `Unresponsive`, `Installing`, or any word of a heartbeat.
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: String,
    /// 0, or why it is not ready: extension-model section 5.4.
    #[serde(default, deserialize_with = "lenient::code")]
    pub code: i64,
    /// Always true for agents of this protocol.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub use_exact_version: bool,
    /// In words.
    #[serde(default)]
    pub formatted_message: FormattedMessage,
    /// What the handler says about its settings; absent when it has none or is not installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_settings_status: Option<RuntimeSettingsStatus>,
}

/// What a handler says about one configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeSettingsStatus {
    /// Only the number that was sent makes the rest meaningful.
    #[serde(default, deserialize_with = "lenient::sequence")]
    pub sequence_number: Option<u64>,
    /// Multi-config: which configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension_name: Option<String>,
    /// The first element of the status file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings_status: Option<SettingsStatus>,
}

/// One element of a status file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsStatus {
    /// 1.0.
    #[serde(default = "lenient::one", deserialize_with = "lenient::version")]
    pub version: f64,
    /// When it was written, as the handler wrote it.
    #[serde(rename = "timestampUTC", default, deserialize_with = "lenient::text")]
    pub timestamp_utc: String,
    /// The status itself.
    pub status: ExtensionStatus,
}

/// How far the agent is with the goal state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VmArtifactsStatus {
    /// The one element.
    pub goal_state_aggregate_status: GoalStateStatus,
}

/// The last goal state the agent went through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GoalStateStatus {
    /// In words.
    #[serde(default)]
    pub formatted_message: FormattedMessage,
    /// When the agent was through.
    #[serde(rename = "timestampUTC", default, deserialize_with = "lenient::text")]
    pub timestamp_utc: String,
    /// The incarnation that was gone through, as text.
    #[serde(default, deserialize_with = "lenient::text")]
    pub in_svd_seq_no: String,
    /// `Success` means "went through", also when handlers failed; `Failed` means "refused".
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: String,
    /// 2001: a required feature is not supported; -1: unexpected error.
    #[serde(default, deserialize_with = "lenient::code")]
    pub code: i64,
}

/// The system an agent runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GuestOsInfo {
    /// Host name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub computer_name: String,
    /// Distribution, as `ID` in os-release.
    #[serde(default, deserialize_with = "lenient::text")]
    pub os_name: String,
    /// Its version.
    #[serde(default, deserialize_with = "lenient::text")]
    pub os_version: String,
    /// The agent's version once more.
    #[serde(default, deserialize_with = "lenient::text")]
    pub version: String,
}

/// Something the agent can do beyond the basics.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportedFeature {
    /// Such as `MultipleExtensionsPerHandler`.
    #[serde(rename = "Key", default, deserialize_with = "lenient::text")]
    pub key: String,
    /// Such as `1.0`.
    #[serde(rename = "Value", default, deserialize_with = "lenient::text")]
    pub value: String,
}

impl StatusDocument {
    /// The incarnation that the agent went through, when it says one.
    #[must_use]
    pub fn incarnation(&self) -> Option<u64> {
        let artifacts = self.aggregate_status.vm_artifacts_aggregate_status.as_ref()?;
        artifacts.goal_state_aggregate_status.in_svd_seq_no.trim().parse().ok()
    }

    /// Reads a document that was uploaded in pages: padding of NUL and blanks is stripped first.
    ///
    /// # Errors
    /// As [`JsonDocument::parse`].
    pub fn parse_padded(bytes: &[u8]) -> Result<Self, ParseError> {
        json::parse(without_padding(bytes), Self::MAX_BYTES, Self::WHAT)
    }
}

/// A document without the padding that uploads in pages bring.
#[must_use]
pub fn without_padding(bytes: &[u8]) -> &[u8] {
    let padding = |byte: &u8| matches!(byte, 0 | b' ' | b'\n' | b'\r' | b'\t');
    let end = bytes.iter().rposition(|byte| !padding(byte)).map_or(0, |last| last + 1);
    &bytes[..end]
}

impl JsonDocument for StatusDocument {
    const WHAT: &'static str = "status document";
    const MAX_BYTES: usize = MAX_STATUS_BYTES;
}
