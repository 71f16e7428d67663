//! The settings file, `config/<seq>.settings`: also the text of `RuntimeSettings`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::JsonDocument;

/// The whole file; an empty file stands for "no settings".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsFile {
    /// Exactly one element.
    pub runtime_settings: Vec<RuntimeSettingsElement>,
}

/// The element of the list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeSettingsElement {
    /// The settings.
    pub handler_settings: HandlerSettings,
}

/// Public settings as JSON, protected settings as an envelope.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandlerSettings {
    /// An object, or nothing.
    #[serde(default)]
    pub public_settings: Option<Value>,
    /// Base64 of a DER CMS `EnvelopedData` around the JSON text, or nothing.
    #[serde(default)]
    pub protected_settings: Option<String>,
    /// Upper-case hex SHA-1 of the certificate it is enveloped for: names `<THUMBPRINT>.crt` and `.prv`.
    #[serde(default)]
    pub protected_settings_cert_thumbprint: Option<String>,
}

impl SettingsFile {
    /// A file with one element.
    #[must_use]
    pub fn new(handler_settings: HandlerSettings) -> Self {
        Self { runtime_settings: vec![RuntimeSettingsElement { handler_settings }] }
    }

    /// The settings of the first element.
    #[must_use]
    pub fn settings(&self) -> Option<&HandlerSettings> {
        self.runtime_settings.first().map(|element| &element.handler_settings)
    }
}

impl JsonDocument for SettingsFile {
    const WHAT: &'static str = "settings file";
    const MAX_BYTES: usize = 4 * 1024 * 1024;
}
