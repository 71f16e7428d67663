//! An extension as ARM describes it (arm-api, section 4.3). No type here can hold a protected setting on its way out.

use std::collections::BTreeMap;

use domain::{
    asked_extension::AskedExtension,
    extension::Extension,
    fault::Fault,
    instance_view::{ExtensionView, extension_view},
    secret::Secret,
    version::ExtensionVersion,
    vm::Vm,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::rest::{caller::Caller, id};

/// An extension.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VirtualMachineExtension)]
pub(in crate::rest) struct ExtensionBody {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    location: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    properties: ExtensionProperties,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VirtualMachineExtensionProperties)]
struct ExtensionProperties {
    auto_upgrade_minor_version: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    enable_automatic_upgrade: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    force_update_tag: Option<String>,
    provisioning_state: &'static str,
    publisher: String,
    #[serde(rename = "type")]
    extension_type: String,
    type_handler_version: String,
    /// As they were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    settings: Option<Value>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    suppress_failures: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    provision_after_extensions: Vec<String>,
    /// Only with `$expand=instanceView`.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_view: Option<ExtensionView>,
}

/// The extensions of a machine.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VirtualMachineExtensionsListResult)]
pub(in crate::rest) struct ExtensionList {
    pub(super) value: Vec<ExtensionBody>,
}

impl ExtensionBody {
    /// With what it reported when `version` (the one on the machine, as it was asked for) is given.
    pub(in crate::rest) fn of(
        caller: &Caller,
        vm: &Vm,
        extension: &Extension,
        version: Option<&ExtensionVersion>,
    ) -> Self {
        let options = &extension.options;
        let (publisher, extension_type) = match &options.asked_as {
            Some(name) => (name.publisher.to_string(), name.extension_type.to_string()),
            None => (extension.publisher.to_string(), extension.extension_type.to_string()),
        };
        let given = extension.settings.as_object().is_some_and(|settings| !settings.is_empty());
        Self {
            id: id::extension(&caller.subscription, vm, extension),
            name: extension.name.to_string(),
            kind: "Microsoft.Compute/virtualMachines/extensions",
            location: vm.location.to_string(),
            tags: options.tags.clone(),
            properties: ExtensionProperties {
                auto_upgrade_minor_version: options.auto_upgrade_minor_version,
                enable_automatic_upgrade: options.enable_automatic_upgrade,
                force_update_tag: options.force_update_tag.clone(),
                provisioning_state: extension.provisioning_state.code(),
                publisher,
                extension_type,
                type_handler_version: options.type_handler_version.clone().unwrap_or_else(|| extension.version.line()),
                settings: given.then(|| extension.settings.clone()),
                suppress_failures: options.suppress_failures,
                provision_after_extensions: extension.provision_after.iter().map(ToString::to_string).collect(),
                instance_view: version.map(|version| extension_view(extension, version)),
            },
        }
    }
}

/// What a PUT or PATCH says of an extension. Members that are not listed are let be.
#[derive(Deserialize, ToSchema, Default)]
#[serde(rename_all = "camelCase")]
#[schema(as = VirtualMachineExtensionUpdate, example = json!({"location": "annex", "properties": {
    "publisher": "Annex.Extensions", "type": "CustomScript", "typeHandlerVersion": "1.1", "autoUpgradeMinorVersion": true,
    "settings": {"commandToExecute": "uname -a"},
}}))]
pub(in crate::rest) struct ExtensionSent {
    /// Not used: an extension is where its machine is.
    #[allow(dead_code, reason = "part of the contract; clients send it")]
    location: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    properties: Option<SentProperties>,
    #[serde(rename = "protectedSettings")]
    #[schema(ignore)]
    misplaced: Option<Value>,
}

#[derive(Deserialize, ToSchema, Default)]
#[serde(rename_all = "camelCase")]
#[schema(as = VirtualMachineExtensionUpdateProperties)]
struct SentProperties {
    /// `Annex.Extensions`, or a well-known publisher that something stands in for.
    publisher: Option<String>,
    #[serde(rename = "type")]
    extension_type: Option<String>,
    /// `major.minor`.
    type_handler_version: Option<String>,
    auto_upgrade_minor_version: Option<bool>,
    enable_automatic_upgrade: Option<bool>,
    /// Another text than before is another run.
    force_update_tag: Option<String>,
    suppress_failures: Option<bool>,
    /// Public settings.
    #[schema(value_type = Option<Object>)]
    settings: Option<Value>,
    /// Protected settings: kept sealed, never returned.
    #[schema(value_type = Option<Object>)]
    protected_settings: Option<Value>,
    #[schema(value_type = Option<Object>)]
    protected_settings_from_key_vault: Option<Value>,
    /// Names of extensions on the same machine that must succeed first.
    provision_after_extensions: Option<Vec<String>>,
}

impl ExtensionSent {
    /// In the use cases' words.
    ///
    /// Errors: `InvalidParameter`, with the property that is wrong. What was sent is never repeated.
    pub(super) fn asked(self) -> Result<AskedExtension, Fault> {
        let sent = self.properties.unwrap_or_default();
        if self.misplaced.is_some() {
            let message = "protectedSettings stands beside properties, where nothing reads it. Put it inside of properties; it was not stored.";
            return Err(Fault::invalid("protectedSettings", message));
        }
        if sent.protected_settings_from_key_vault.is_some() {
            let message = "Annex has no key vault to read secrets from. Send them as protectedSettings: they are sealed at once and never returned.";
            return Err(Fault::invalid("properties.protectedSettingsFromKeyVault", message));
        }
        let settings = object(sent.settings, "properties.settings")?;
        if let Some(settings) = &settings
            && settings.keys().any(|key| key.eq_ignore_ascii_case("protectedSettings"))
        {
            let message = "protectedSettings stands inside of settings, which everybody may read. Put it beside settings; it was not stored.";
            return Err(Fault::invalid("properties.settings.protectedSettings", message));
        }
        let protected = object(sent.protected_settings, "properties.protectedSettings")?;
        Ok(AskedExtension {
            publisher: sent.publisher,
            extension_type: sent.extension_type,
            type_handler_version: sent.type_handler_version,
            auto_upgrade_minor_version: sent.auto_upgrade_minor_version,
            enable_automatic_upgrade: sent.enable_automatic_upgrade,
            force_update_tag: sent.force_update_tag,
            suppress_failures: sent.suppress_failures,
            settings: settings.map(Value::Object),
            protected: protected.map(|map| Secret::new(Value::Object(map).to_string())),
            provision_after: sent.provision_after_extensions,
            tags: self.tags,
        })
    }
}

fn object(value: Option<Value>, target: &str) -> Result<Option<Map<String, Value>>, Fault> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(Value::String(_)) => {
            Err(Fault::invalid(target, "This is a JSON text in quotes. Send the object itself: {…} and not \"{…}\"."))
        }
        Some(_) => Err(Fault::invalid(target, "This has to be a JSON object: {…}.")),
    }
}
