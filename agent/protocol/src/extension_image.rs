//! `ExtensionImage.json`: a package's own catalogue entry, at the root of its zip.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{JsonDocument, ParseError};

const WHAT: &str = "ExtensionImage.json";
const EXACTLY_ONE_OF: &str = "x-annex-exactlyOneOf";

/// The catalogue entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExtensionImage {
    /// Dotted words.
    pub publisher: String,
    /// A word; may contain dots, so never split the joined name.
    #[serde(rename = "type")]
    pub image_type: String,
    /// Two to four numbers.
    pub version: String,
    /// Names of others under which it can be asked for as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stands_in_for: Vec<WellKnownName>,
    /// Newer versions may be rolled out without anybody asking.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supports_automatic_upgrade: bool,
    /// What people call it.
    pub title: String,
    /// One line.
    pub summary: String,
    /// Paragraphs of plain text.
    pub description: String,
    /// Where it is found.
    pub category: Category,
    /// Operating systems, such as `linux`.
    pub os: Vec<String>,
    /// Processors, such as `x86_64`; empty means any.
    pub architectures: Vec<String>,
    /// Lowest version per distribution (`ID` of os-release); absent means any.
    #[serde(default)]
    pub minimum_os: Option<BTreeMap<String, String>>,
    /// What it does to a machine.
    pub impact: Impact,
    /// What is new in this version.
    #[serde(default)]
    pub changes: String,
    /// A page about it.
    #[serde(default)]
    pub homepage: Option<String>,
    /// SPDX expression.
    #[serde(default)]
    pub licence: Option<String>,
    /// JSON Schema 2020-12 of the public settings.
    pub public_settings_schema: Value,
    /// JSON Schema of the protected settings; absent when there are none.
    #[serde(default)]
    pub protected_settings_schema: Option<Value>,
    /// Groups of properties of which exactly one must be given, in either section.
    #[serde(rename = "x-annex-exactlyOneOf", default, skip_serializing_if = "Vec::is_empty")]
    pub exactly_one_of: Vec<Vec<String>>,
}

/// A publisher and type that a package stands in for, with the version whose contract it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WellKnownName {
    /// Dotted words.
    pub publisher: String,
    /// A word; may contain dots.
    #[serde(rename = "type")]
    pub image_type: String,
    /// Two to four numbers.
    pub version: String,
}

/// Where an extension is found in the marketplace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words are the marketplace's own")]
pub enum Category {
    Automation,
    Monitoring,
    Security,
    Access,
    Patching,
    Other,
}

/// What an extension does to a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Impact {
    /// Its commands need root's rights.
    pub runs_as_root: bool,
    /// Ports it listens on.
    pub opens_ports: Vec<u16>,
    /// It may restart the machine.
    pub reboots: bool,
    /// Which hosts it talks to, in words.
    pub network: String,
    /// What it changes, in words.
    pub changes: String,
}

impl ExtensionImage {
    /// `Publisher.Type`.
    #[must_use]
    pub fn handler_name(&self) -> String {
        format!("{}.{}", self.publisher, self.image_type)
    }

    /// Every group of which exactly one must be given, wherever the entry states it.
    #[must_use]
    pub fn exactly_one_groups(&self) -> Vec<Vec<String>> {
        let mut groups = self.exactly_one_of.clone();
        for schema in
            [Some(&self.public_settings_schema), self.protected_settings_schema.as_ref()].into_iter().flatten()
        {
            let stated = schema.get(EXACTLY_ONE_OF).and_then(|value| serde_json::from_value(value.clone()).ok());
            groups.extend(stated.unwrap_or_else(Vec::<Vec<String>>::new));
        }
        groups.dedup();
        groups
    }

    /// Reads an entry and checks names, version, texts and that the schemas are objects.
    ///
    /// # Errors
    /// Too large, no JSON, keys unknown or missing, or one of the checks fails; the message names the key.
    pub fn parse_checked(bytes: &[u8]) -> Result<Self, ParseError> {
        let image = <Self as JsonDocument>::parse(bytes)?;
        let fault = |reason: &str| Err(ParseError::invalid(WHAT, reason));
        if !is_name(&image.publisher) {
            return fault("publisher must be letters, digits and dots, fewer than 256");
        }
        if !is_name(&image.image_type) {
            return fault("type must be letters, digits and dots, fewer than 256");
        }
        if !is_version(&image.version) {
            return fault("version must be two to four numbers with dots between them");
        }
        for (index, name) in image.stands_in_for.iter().enumerate() {
            if !is_name(&name.publisher) || !is_name(&name.image_type) || !is_version(&name.version) {
                return fault("standsInFor must hold publishers and types of letters, digits and dots, with versions");
            }
            let same = |other: &WellKnownName| {
                other.publisher.eq_ignore_ascii_case(&name.publisher)
                    && other.image_type.eq_ignore_ascii_case(&name.image_type)
            };
            if image.stands_in_for[..index].iter().any(same) {
                return fault("standsInFor names something twice");
            }
        }
        if image.title.trim().is_empty() || image.summary.trim().is_empty() {
            return fault("title and summary must not be empty");
        }
        if image.summary.contains('\n') {
            return fault("summary must be one line");
        }
        if image.os.is_empty() {
            return fault("os must name at least one operating system");
        }
        if !image.public_settings_schema.is_object() {
            return fault("publicSettingsSchema must be an object");
        }
        if image.protected_settings_schema.as_ref().is_some_and(|schema| !schema.is_object()) {
            return fault("protectedSettingsSchema must be an object or null");
        }
        Ok(image)
    }
}

impl JsonDocument for ExtensionImage {
    const WHAT: &'static str = WHAT;
    const MAX_BYTES: usize = 1024 * 1024;
}

fn is_name(name: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    name.len() < 256 && name.split('.').all(word)
}

fn is_version(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    (2..=4).contains(&parts.len()) && parts.iter().all(is_number)
}

fn is_number(part: &&str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit()) && part.parse::<u32>().is_ok()
}
