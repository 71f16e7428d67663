//! An extension as a change wants it.

use serde_json::{Map, Value, json};

use super::{LOCATION, secrets::placeholder};
use crate::{extension::Extension, version::ExtensionVersion};

/// One extension, with the names of its protected settings and never their values.
#[derive(Clone, Debug, PartialEq)]
pub struct WantedExtension {
    /// Its name on the machine.
    pub name: String,
    /// Publisher of its handler.
    pub publisher: String,
    /// Type of its handler.
    pub extension_type: String,
    /// The version that is wanted.
    pub version: ExtensionVersion,
    /// Public settings: a JSON object.
    pub settings: Value,
    /// Names of the protected settings that it has afterwards.
    pub protected: Vec<String>,
    /// Names of the extensions that must succeed first.
    pub order: Vec<String>,
}

impl WantedExtension {
    /// As it stands now.
    pub fn of(extension: &Extension) -> Self {
        Self {
            name: extension.name.to_string(),
            publisher: extension.publisher.to_string(),
            extension_type: extension.extension_type.to_string(),
            version: extension.version.clone(),
            settings: extension.settings.clone(),
            protected: extension.protected.as_ref().map(|note| note.keys.clone()).unwrap_or_default(),
            order: extension.provision_after.iter().map(ToString::to_string).collect(),
        }
    }

    /// `properties` without protected settings: what is the same in every dialect.
    pub(super) fn open_properties(&self) -> Map<String, Value> {
        let mut properties = Map::new();
        let mut add = |name: &str, value: Value| properties.insert(name.to_owned(), value);
        add("publisher", Value::from(self.publisher.as_str()));
        add("type", Value::from(self.extension_type.as_str()));
        add("typeHandlerVersion", Value::from(self.version.line()));
        add("autoUpgradeMinorVersion", Value::Bool(false));
        if self.has_settings() {
            add("settings", self.settings.clone());
        }
        if !self.order.is_empty() {
            add("provisionAfterExtensions", self.order.iter().map(String::as_str).collect());
        }
        properties
    }

    /// The whole extension as a request's body, with placeholders for secrets.
    pub(super) fn body(&self) -> Value {
        let mut properties = self.open_properties();
        if let Some(secrets) = self.placeholders() {
            properties.insert("protectedSettings".to_owned(), secrets);
        }
        json!({ "location": LOCATION, "properties": properties })
    }

    /// `{"key": "<key>"}` for every protected setting; `None` without any.
    pub(super) fn placeholders(&self) -> Option<Value> {
        let pairs = self.protected.iter().map(|name| (name.clone(), Value::from(placeholder(name))));
        (!self.protected.is_empty()).then(|| Value::Object(pairs.collect()))
    }

    /// Is there any public setting?
    pub(super) fn has_settings(&self) -> bool {
        self.settings.as_object().is_some_and(|settings| !settings.is_empty())
    }
}
