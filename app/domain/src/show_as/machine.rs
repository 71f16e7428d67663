//! A machine as a resource of the API: what a template or a change states of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{name::Location, vm::Vm};

/// What Annex keeps of a machine that a caller of the API may set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineResource {
    /// Where it is, as a label.
    pub location: Location,
    /// All tags.
    pub tags: BTreeMap<String, String>,
    /// May extensions be changed (`osProfile.allowExtensionOperations`)?
    pub allow_extensions: bool,
    /// Is an agent present (`linuxConfiguration.provisionVMAgent`)?
    pub has_agent: bool,
}

impl MachineResource {
    /// As it stands now.
    pub fn of(vm: &Vm) -> Self {
        let (allow_extensions, has_agent) = (vm.allow_extension_operations, vm.provision_guest_agent);
        Self { location: vm.location.clone(), tags: vm.tags.clone(), allow_extensions, has_agent }
    }

    /// A machine as registering makes it: no agent yet.
    pub(super) fn registered() -> Self {
        Self { location: Location::usual(), tags: BTreeMap::new(), allow_extensions: false, has_agent: false }
    }

    /// The whole resource without type and name. A machine without an agent allows no extension operations unless that is
    /// said, so it is left out where it follows.
    pub(super) fn body(&self) -> Map<String, Value> {
        let mut profile = Map::new();
        if self.allow_extensions != self.has_agent {
            profile.insert("allowExtensionOperations".to_owned(), Value::Bool(self.allow_extensions));
        }
        profile.insert("linuxConfiguration".to_owned(), json!({ "provisionVMAgent": self.has_agent }));
        let mut body = Map::new();
        body.insert("location".to_owned(), Value::from(self.location.as_str()));
        if !self.tags.is_empty() {
            body.insert("tags".to_owned(), self.tags_value());
        }
        body.insert("properties".to_owned(), json!({ "osProfile": profile }));
        body
    }

    /// The tags as JSON.
    pub(super) fn tags_value(&self) -> Value {
        self.tags.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
    }
}
