//! The settings part: one sequence-numbered JSON text per configuration, and what must come first.

use super::RequestedState;
use crate::settings_file::SettingsFile;
use crate::{JsonDocument, ParseError};

/// `PluginSettings/Plugin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginSettings {
    /// Handler name; compared without case.
    pub name: String,
    /// Must equal the plugin's version; anything else is a configuration error of that handler.
    pub version: String,
    /// What must have succeeded first.
    pub depends_on: Vec<DependsOn>,
    /// The settings.
    pub settings: Settings,
}

/// The settings of one handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settings {
    /// An entry without any; the handler is enabled with sequence number 0.
    None,
    /// A handler with exactly one configuration.
    Single(RuntimeSettings),
    /// A handler with several named configurations.
    Multiple(Vec<ExtensionRuntimeSettings>),
    /// Two `RuntimeSettings` or both kinds at once: a configuration error of that handler, not of the goal state.
    Contradictory,
}

/// `RuntimeSettings`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeSettings {
    /// Rises with every change of the settings and every "run again".
    pub seq_no: u64,
    /// JSON text of the settings file, kept byte for byte; see [`SettingsFile`].
    pub text: String,
}

/// `ExtensionRuntimeSettings`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionRuntimeSettings {
    /// Name of the configuration; equals the name of the extension resource.
    pub name: String,
    /// Enabled, or disabled (deleted).
    pub state: RequestedState,
    /// Sequence number and text.
    pub runtime: RuntimeSettings,
}

impl RuntimeSettings {
    /// Settings with this content.
    #[must_use]
    pub fn new(seq_no: u64, file: &SettingsFile) -> Self {
        Self { seq_no, text: String::from_utf8_lossy(&file.render()).into_owned() }
    }

    /// Reads the text.
    ///
    /// # Errors
    /// The text is no settings file. The standard agent then treats the extension as one without settings, but with
    /// its sequence number.
    pub fn file(&self) -> Result<SettingsFile, ParseError> {
        SettingsFile::parse(self.text.as_bytes())
    }
}

/// `DependsOn`: the place of one configuration in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependsOn {
    /// Multi-config: whose place this is.
    pub name: Option<String>,
    /// Ascending levels; only the level counts.
    pub dependency_level: u32,
    /// What it waits for, for the reader.
    pub extensions: Vec<DependsOnExtension>,
}

/// `DependsOnExtension`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependsOnExtension {
    /// `Publisher.Type`.
    pub handler: String,
    /// Multi-config: name of the configuration.
    pub extension: Option<String>,
}

impl PluginSettings {
    /// Dependency level of the handler (`None`) or of one of its configurations; 0 when nothing is said.
    #[must_use]
    pub fn dependency_level(&self, name: Option<&str>) -> u32 {
        let place = self.depends_on.iter().find(|place| name.is_none() || place.name.as_deref() == name);
        place.map_or(0, |place| place.dependency_level)
    }
}
