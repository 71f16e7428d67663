//! What ARM lets a caller say of an extension beside its settings (arm-api, sections 4.3 and 5).

use std::collections::BTreeMap;
use std::ops::Not;

use serde::{Deserialize, Serialize};

use crate::name::{ExtensionType, Publisher};

/// The name that a caller asked for, where another package stands in for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedAs {
    /// The publisher asked for.
    pub publisher: Publisher,
    /// The type asked for.
    pub extension_type: ExtensionType,
}

/// Beside version and settings: kept with the extension, all of it public.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ExtensionOptions {
    /// The well-known name it was asked for by; `None`: by its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_as: Option<AskedAs>,
    /// `major.minor` as asked for; `None`: an exact version was chosen in the portal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_handler_version: Option<String>,
    /// Take the newest minor version of the major one whenever it is put.
    #[serde(skip_serializing_if = "Not::not")]
    pub auto_upgrade_minor_version: bool,
    /// Move it to newer versions as they are published, without being asked.
    #[serde(skip_serializing_if = "Not::not")]
    pub enable_automatic_upgrade: bool,
    /// A change of this text is a new run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force_update_tag: Option<String>,
    /// A failure of it does not fail the operation, and its provisioning state stays Succeeded.
    #[serde(skip_serializing_if = "Not::not")]
    pub suppress_failures: bool,
    /// Free labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}
