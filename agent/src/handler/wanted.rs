//! What a goal state wants of the handlers of this machine, in the words of the life cycle.

use serde::{Deserialize, Serialize};

use super::Version;

/// Key of the only instance of a single-config handler; multi-config instances have their names.
pub const SINGLE: &str = "";

/// The extensions part of one goal state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The goal state's number; any other number than the last one means "something may have changed".
    pub incarnation: u64,
    /// Whether to work on it at all.
    pub verdict: Verdict,
    /// The handlers, in the order of the document.
    pub handlers: Vec<WantedHandler>,
}

/// Whether a goal state is worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Process,
    /// It is on hold: nothing runs, and the previous goal state stays in the report.
    OnHold,
    /// It can not be processed as a whole, for example because of an unknown required feature (2001).
    Refused(Failure),
}

/// One handler and its instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedHandler {
    /// `Publisher.Type`; never contains `-` or `/`.
    pub name: String,
    /// The version asked for; may be shorter than the published one (`1.0` for `1.0.0`).
    pub version: Version,
    /// What should be true of the handler.
    pub wish: Wish,
    /// Whether the settings are named, so that `ConfigExtensionName` is set and files carry the name.
    pub multi: bool,
    /// Where the version manifest may be fetched from.
    pub locations: Vec<String>,
    /// The instances; a handler without settings has one with `settings: None`.
    pub extensions: Vec<WantedExtension>,
    /// The document contradicts itself about this handler; it is reported and left as it is.
    pub fault: Option<Failure>,
}

/// One configured instance of a handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedExtension {
    /// [`SINGLE`], or the settings' name of a multi-config handler.
    pub key: String,
    /// Name of the extension resource, for the run's records.
    pub name: String,
    /// Generation of the settings.
    pub sequence: u64,
    /// The text of the settings file, or nothing at all.
    pub settings: Option<String>,
    /// False: this instance was deleted.
    pub enabled: bool,
    /// Lower levels come first, and reach a final status before higher ones begin.
    pub level: u32,
}

/// What should be true of a handler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wish {
    /// Installed, with every instance enabled.
    #[default]
    Enabled,
    /// Installed, with every instance disabled.
    Disabled,
    /// Not on the machine.
    Uninstalled,
}

/// Why something did not work, as it is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} (code {code})")]
pub struct Failure {
    /// One of [`super::codes`].
    pub code: i64,
    /// What happened and what to do.
    pub message: String,
}

impl Failure {
    /// A failure with its code and text.
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl WantedHandler {
    /// The highest level of its enabled instances; 0 without any.
    #[must_use]
    pub fn level(&self) -> u32 {
        self.extensions.iter().map(|extension| extension.level).max().unwrap_or(0)
    }

    /// The instance with this key.
    #[must_use]
    pub fn extension(&self, key: &str) -> Option<&WantedExtension> {
        self.extensions.iter().find(|extension| extension.key == key)
    }

    /// Whether the instance with this key should be enabled.
    #[must_use]
    pub fn wants(&self, key: &str) -> bool {
        self.wish == Wish::Enabled && self.extension(key).is_some_and(|extension| extension.enabled)
    }
}
