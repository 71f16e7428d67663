//! The package's own catalogue entry (`ExtensionImage.json`): the schemas by which a handler checks its settings are
//! the very ones from which the portal's form is made.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use agent_protocol::{ExtensionImage, ParseError};
use serde_json::Value;

use crate::schema::{self, Problem};
use crate::settings::Settings;

/// The name of the file at the root of a package.
pub const FILE_NAME: &str = "ExtensionImage.json";

/// A handler's own catalogue entry.
#[derive(Debug, Clone)]
pub struct Image(pub ExtensionImage);

/// Why the catalogue entry cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The file is absent or unreadable.
    #[error("cannot read {path}: {source}; the package is incomplete")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not a catalogue entry.
    #[error("{path} is not a catalogue entry: {source}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where it goes wrong.
        source: ParseError,
    },
}

impl Image {
    /// Reads the catalogue entry of the package at `root`.
    ///
    /// # Errors
    /// When the file is absent or not a catalogue entry.
    pub fn load(root: &Path) -> Result<Self, ImageError> {
        let path = root.join(FILE_NAME);
        let bytes = fs::read(&path).map_err(|source| ImageError::Unreadable { path: path.clone(), source })?;
        ExtensionImage::parse_checked(&bytes).map(Self).map_err(|source| ImageError::Malformed { path, source })
    }

    /// Everything in `settings` that the schemas of this version do not allow. Rules across both sections
    /// (`x-annex-exactlyOneOf`) are the handler's to word and are not part of the answer.
    #[must_use]
    pub fn check(&self, settings: &Settings) -> Vec<Problem> {
        let mut problems = section("settings", Some(&self.0.public_settings_schema), &settings.public);
        problems.extend(section("protectedSettings", self.0.protected_settings_schema.as_ref(), &settings.protected));
        problems
    }
}

fn section(name: &str, schema: Option<&Value>, given: &serde_json::Map<String, Value>) -> Vec<Problem> {
    match schema.filter(|schema| !schema.is_null()) {
        Some(schema) => schema::check(schema, &Value::Object(given.clone()), name),
        None if given.is_empty() => Vec::new(),
        None => vec![Problem { at: name.to_owned(), says: "this extension takes no settings here".to_owned() }],
    }
}
