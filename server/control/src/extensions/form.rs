//! A web form as the command it means: the package's schema says what each typed text is.

use std::collections::BTreeMap;

use domain::{
    extension::{ExtensionForm, ProtectedChange, PutExtension},
    extension_image::{ExtensionImage, handler_name},
    fault::Fault,
    generation::Generation,
    ids::VmId,
    name::{ExtensionName, ExtensionType, Publisher},
    secret::Secret,
    settings_form::{to_settings, typed_value},
    version::ExtensionVersion,
};
use serde_json::Value;
use store::Conn;

use crate::{Control, Error};

impl Control {
    /// Reads a form. Errors: `InvalidParameter` with the field as target; `ArtifactNotFound`.
    pub(crate) async fn read_form(
        &self,
        conn: &mut Conn,
        form: &ExtensionForm,
    ) -> Result<(PutExtension, ExtensionImage), Error> {
        let publisher: Publisher = form.publisher.parse().map_err(|f: Fault| f.at("publisher"))?;
        let extension_type: ExtensionType = form.extension_type.parse().map_err(|f: Fault| f.at("extensionType"))?;
        let version: Option<ExtensionVersion> =
            if form.version.trim().is_empty() { None } else { Some(form.version.parse()?) };
        let image = self.image_find(conn, &handler_name(&publisher, &extension_type), version.as_ref()).await?;
        let name = if form.name.trim().is_empty() { extension_type.as_str() } else { form.name.trim() };
        let targets: Vec<VmId> = form
            .targets
            .iter()
            .map(|id| id.parse().map_err(|f: Fault| f.at("targets")))
            .collect::<Result<_, Fault>>()?;
        let command = PutExtension {
            options: None,
            targets,
            name: name.parse()?,
            settings: public_settings(&image, form)?,
            protected: protected_change(&image, form)?,
            provision_after: form.provision_after.as_deref().map(order).transpose()?,
            force_run: false,
            if_match: match form.etag.trim() {
                "" => None,
                text => Some(Generation::new(
                    text.parse().map_err(|_| Fault::invalid("etag", "The ETag is a whole number."))?,
                )),
            },
            publisher,
            extension_type,
            version,
        };
        Ok((command, image))
    }
}

/// Names separated by commas, each once.
fn order(typed: &str) -> Result<Vec<ExtensionName>, Fault> {
    let mut names: Vec<ExtensionName> = Vec::new();
    for name in typed.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let name: ExtensionName = name.parse().map_err(|f: Fault| f.at("provisionAfterExtensions"))?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn public_settings(image: &ExtensionImage, form: &ExtensionForm) -> Result<Value, Fault> {
    if form.settings_json.trim().is_empty() {
        return Ok(Value::Object(to_settings(&image.public_schema, "settings", &form.settings)?));
    }
    serde_json::from_str(&form.settings_json)
        .map_err(|why| Fault::invalid("settings", format!("This is not JSON: {why}.")))
}

fn protected_change(image: &ExtensionImage, form: &ExtensionForm) -> Result<ProtectedChange, Fault> {
    let none = Value::Null;
    let properties = image.protected_schema.as_ref().map_or(&none, |s| &s["properties"]);
    let mut set = BTreeMap::new();
    let mut findings = Vec::new();
    for (name, typed) in form.protected.iter().filter(|(_, typed)| !typed.reveal().trim().is_empty()) {
        match typed_value(&properties[name], typed.reveal()) {
            Ok(value) => {
                set.insert(name.clone(), Secret::new(value.to_string()));
            }
            // the sentence may quote what was typed, and that is a secret
            Err(_) => findings.push(Fault::invalid(
                format!("protectedSettings.{name}"),
                "This does not have the form that the setting asks for.",
            )),
        }
    }
    if let Some(fault) = Fault::from_findings("Some settings are not right.", findings) {
        return Err(fault);
    }
    let clear: Vec<String> = form.clear_protected.iter().filter(|n| !n.is_empty()).cloned().collect();
    Ok(if set.is_empty() && clear.is_empty() { ProtectedChange::Keep } else { ProtectedChange::Merge { set, clear } })
}
