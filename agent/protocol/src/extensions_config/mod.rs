//! The extensions configuration: which handlers a machine should have, and with which settings.
//!
//! The standard agent reads the same document. Three things are Annex's own and ignored elsewhere: the attribute
//! `annexExtension` of a plugin (the name of the extension resource of a single-config handler, under which runs are
//! recorded) and what the extension manifest carries.

mod parse;
mod render;
mod settings;

use crate::ParseError;

pub use settings::{
    DependsOn, DependsOnExtension, ExtensionRuntimeSettings, PluginSettings, RuntimeSettings, Settings,
};

const WHAT: &str = "extensions configuration";
/// Most bytes of an extensions configuration.
pub const MAX_EXTENSIONS_CONFIG_BYTES: usize = 16 * 1024 * 1024;

/// `Extensions`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtensionsConfig {
    /// The goal state that it belongs to, when it says so.
    pub incarnation: Option<u64>,
    /// The handlers that are wanted, or wanted gone.
    pub plugins: Vec<Plugin>,
    /// Their settings, matched by name without case.
    pub plugin_settings: Vec<PluginSettings>,
    /// Where the status document goes; absent means that nothing is reported.
    pub status_upload_blob: Option<StatusUploadBlob>,
    /// Stamp and identifiers of this goal state.
    pub meta_data: Option<GoalStateMetaData>,
    /// Features without which the agent must refuse the goal state (code 2001).
    pub required_features: Vec<String>,
    /// Address of the document that may put extensions on hold.
    pub artifacts_profile_blob: Option<String>,
}

/// One handler that a machine should have, or should not have any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// `Publisher.Type`; without `-`, because directories are called `name-version`.
    pub name: String,
    /// The exact version.
    pub version: String,
    /// What should be done with it.
    pub state: RequestedState,
    /// Address of the extension manifest.
    pub location: String,
    /// A second address of it.
    pub failover_location: Option<String>,
    /// Further addresses of it.
    pub additional_locations: Vec<String>,
    /// Annex's own: name of the extension resource, for single-config handlers. Absent in foreign documents.
    pub extension: Option<String>,
}

/// What is asked of a handler or of one of its settings. Written in exactly these lower-case words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestedState {
    /// Installed and enabled with the given settings.
    Enabled,
    /// Disabled but kept; on one of several settings: this one is deleted.
    Disabled,
    /// Disabled, uninstalled and deleted.
    Uninstall,
}

impl RequestedState {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Uninstall => "uninstall",
        }
    }

    fn parse(word: &str) -> Result<Self, ParseError> {
        match word {
            "enabled" => Ok(Self::Enabled),
            "disabled" => Ok(Self::Disabled),
            "uninstall" => Ok(Self::Uninstall),
            _ => Err(ParseError::invalid(WHAT, format!("state {word:?} is not enabled, disabled or uninstall"))),
        }
    }
}

/// Where the status document goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusUploadBlob {
    /// Whole documents or pages.
    pub blob_type: BlobType,
    /// The address; has a query, because agents redact from the question mark on.
    pub url: String,
}

/// How the status document is uploaded. Any other word counts as [`BlobType::BlockBlob`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum BlobType {
    /// One document in one request.
    #[default]
    BlockBlob,
    /// In pages of 512 bytes.
    PageBlob,
}

impl BlobType {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BlockBlob => "BlockBlob",
            Self::PageBlob => "PageBlob",
        }
    }
}

/// `InVMGoalStateMetaData`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalStateMetaData {
    /// The incarnation, as text.
    pub in_svd_seq_no: String,
    /// .NET ticks; must never fall, because agents keep whichever goal state is newer by this stamp.
    pub created_on_ticks: i64,
    /// Logged by agents.
    pub activity_id: String,
    /// Logged by agents.
    pub correlation_id: String,
}

impl ExtensionsConfig {
    /// The document as XML.
    #[must_use]
    pub fn render(&self) -> String {
        render::render(self)
    }

    /// Reads the document as strictly as the standard agent does.
    ///
    /// # Errors
    /// Larger than [`MAX_EXTENSIONS_CONFIG_BYTES`], no XML, a plugin without name, version or location, or a state that
    /// is none of the three words.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        parse::parse(bytes)
    }

    /// Settings of a plugin: matched by name without case.
    #[must_use]
    pub fn settings_of(&self, plugin: &Plugin) -> Option<&PluginSettings> {
        self.plugin_settings.iter().find(|settings| settings.name.eq_ignore_ascii_case(&plugin.name))
    }
}
