//! What a program asks of an extension: ARM's properties as they came, before names and versions are looked up.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::secret::Secret;

/// `None` was not said: a PUT takes the usual value for it, a PATCH leaves what is there (arm-api, section 5).
#[derive(Clone, Debug, Default)]
pub struct AskedExtension {
    /// `publisher`, or a well-known one that something stands in for.
    pub publisher: Option<String>,
    /// `type`.
    pub extension_type: Option<String>,
    /// `typeHandlerVersion`: `major.minor`.
    pub type_handler_version: Option<String>,
    /// `autoUpgradeMinorVersion`.
    pub auto_upgrade_minor_version: Option<bool>,
    /// `enableAutomaticUpgrade`.
    pub enable_automatic_upgrade: Option<bool>,
    /// `forceUpdateTag`.
    pub force_update_tag: Option<String>,
    /// `suppressFailures`.
    pub suppress_failures: Option<bool>,
    /// `settings`: a JSON object.
    pub settings: Option<Value>,
    /// `protectedSettings`: the JSON text of an object.
    pub protected: Option<Secret>,
    /// `provisionAfterExtensions`: names of extensions.
    pub provision_after: Option<Vec<String>>,
    /// `tags`.
    pub tags: Option<BTreeMap<String, String>>,
}

/// How much of it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// PUT: all of it.
    Whole,
    /// PATCH: what is given.
    Part,
}
