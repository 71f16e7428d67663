//! `HandlerManifest.json`: how a package wants to be run.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ParseError, json, lenient};

const WHAT: &str = "HandlerManifest.json";
const MAX_BYTES: usize = 256 * 1024;
const COMMANDS: [&str; 5] = ["installCommand", "enableCommand", "updateCommand", "disableCommand", "uninstallCommand"];
const FLAGS: [&str; 5] = [
    "rebootAfterInstall",
    "reportHeartbeat",
    "continueOnUpdateFailure",
    "supportsMultipleExtensions",
    "supportsPolicy",
];

/// The one element of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandlerManifest {
    /// Schema version, 1.0.
    #[serde(default = "lenient::one", deserialize_with = "lenient::version")]
    pub version: f64,
    /// A label.
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Commands and flags.
    pub handler_manifest: Commands,
    /// Caps of processor and memory; advisory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_limits: Option<Value>,
}

/// Commands, relative to the package's root and run by a shell, and flags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Commands {
    /// Once per installed version.
    pub install_command: String,
    /// For new settings, on every start of the agent.
    pub enable_command: String,
    /// During a version change.
    pub update_command: String,
    /// Before an update, before removal.
    pub disable_command: String,
    /// On removal, and on the outgoing version of an update.
    pub uninstall_command: String,
    /// Advisory.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub reboot_after_install: bool,
    /// The heartbeat file replaces the handler's status.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub report_heartbeat: bool,
    /// Whether install runs after update.
    #[serde(default)]
    pub update_mode: UpdateMode,
    /// Failures of the old version's disable and uninstall do not stop an update to this version.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub continue_on_update_failure: bool,
    /// Several named configurations.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub supports_multiple_extensions: bool,
}

/// Whether install runs after update. Read without case; absent or empty is the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum UpdateMode {
    /// It does.
    #[default]
    UpdateWithInstall,
    /// It does not; so does any word that is not the other.
    UpdateWithoutInstall,
}

impl<'de> Deserialize<'de> for UpdateMode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = lenient::text(deserializer)?;
        let with = word.is_empty() || word.eq_ignore_ascii_case("UpdateWithInstall");
        Ok(if with { Self::UpdateWithInstall } else { Self::UpdateWithoutInstall })
    }
}

impl HandlerManifest {
    /// Reads a manifest as agents do: flags may be texts, unknown keys are ignored, only the first element counts.
    ///
    /// # Errors
    /// Larger than 256 KiB, no JSON list with an object in it, or a command is missing: code 1003 for agents.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let list: Vec<Value> = json::parse(bytes, MAX_BYTES, WHAT)?;
        let first = list.into_iter().next().ok_or(ParseError::Missing { what: WHAT, item: "an element" })?;
        serde_json::from_value(first).map_err(|error| ParseError::malformed(WHAT, error))
    }

    /// The manifest as indented JSON.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(&[self]).expect("texts, flags and JSON values always serialize")
    }

    /// What agents tolerate and a published package should not contain, one sentence each.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn lint(bytes: &[u8]) -> Result<Vec<String>, ParseError> {
        let manifest = Self::parse(bytes)?;
        let list: Vec<Value> = json::parse(bytes, MAX_BYTES, WHAT)?;
        let mut found = Vec::new();
        if list.len() != 1 {
            found.push(format!("the list has {} elements; exactly one is expected", list.len()));
        }
        let raw = &list[0];
        if !raw["version"].is_number() {
            found.push("version must be the number 1.0".to_owned());
        }
        for flag in FLAGS {
            let value = &raw["handlerManifest"][flag];
            if !value.is_null() && !value.is_boolean() {
                found.push(format!("{flag} must be true or false, without quotes"));
            }
        }
        for name in COMMANDS {
            let command = raw["handlerManifest"][name].as_str().unwrap_or_default();
            if command.trim().is_empty() {
                found.push(format!("{name} is empty; point it at a program that exits with 0"));
            } else if command.split_whitespace().any(|word| word.split('/').any(|part| part == "..")) {
                found.push(format!("{name} leaves the package with \"..\""));
            }
        }
        let mode = raw["handlerManifest"]["updateMode"].as_str();
        if let Some(word) = mode.filter(|word| !word.eq_ignore_ascii_case("UpdateWithoutInstall"))
            && manifest.handler_manifest.update_mode == UpdateMode::UpdateWithoutInstall
        {
            found.push(format!("updateMode {word:?} is neither UpdateWithInstall nor UpdateWithoutInstall"));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::{HandlerManifest, UpdateMode};

    #[test]
    fn the_wild_is_read_and_linted() {
        let text = br#"[{"name":"x","version":"1.0","extra":1,"handlerManifest":{"installCommand":"bin/h  install",
            "enableCommand":"/bin/h enable","updateCommand":"","disableCommand":"../h","uninstallCommand":"h",
            "reportHeartbeat":"True","updateMode":"updatewithoutinstall","rebootAfterInstall":7}}, {}]"#;
        let manifest = HandlerManifest::parse(text).unwrap().handler_manifest;
        assert!(manifest.report_heartbeat && !manifest.reboot_after_install);
        assert_eq!(manifest.update_mode, UpdateMode::UpdateWithoutInstall);
        assert_eq!(HandlerManifest::lint(text).unwrap().len(), 6);
    }

    #[test]
    fn an_object_or_a_missing_command_is_refused() {
        for text in ["{}", "[]", "[1]", r#"[{"version":1.0,"handlerManifest":{"installCommand":"a"}}]"#] {
            assert!(HandlerManifest::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
