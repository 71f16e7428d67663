//! From what a program asks to the command that everybody gives: names, versions and usual values looked up.

use domain::{
    asked_extension::{AskedExtension, Extent},
    extension::{Extension, ProtectedChange, ProvisioningState, PutExtension},
    extension_image::ExtensionImage,
    extension_options::{AskedAs, ExtensionOptions},
    fault::{Fault, FaultKind},
    name::ExtensionName,
    secret::Secret,
    type_handler_version::choose,
    version::ExtensionVersion,
    vm::{Vm, check_tags},
};
use serde_json::json;
use store::Conn;

use crate::{Control, Error};

impl Control {
    /// Looks names and versions up, and fills in what was not said.
    pub(super) async fn command(
        &self,
        conn: &mut Conn,
        vm: &Vm,
        name: ExtensionName,
        before: Option<&Extension>,
        (asked, extent): (&AskedExtension, Extent),
    ) -> Result<PutExtension, Error> {
        let kept = before.filter(|_| extent == Extent::Part);
        let (publisher, extension_type) = match kept {
            Some(extension) => asked_names(extension, asked)?,
            None => {
                (needed(&asked.publisher, "properties.publisher")?, needed(&asked.extension_type, "properties.type")?)
            }
        };
        let catalogue = self.catalogue(conn).await?;
        let Some(named) = catalogue.named(&publisher, &extension_type) else {
            return Err(no_artifact(&publisher, &extension_type).into());
        };
        let mut options = kept.map(|e| e.options.clone()).unwrap_or_default();
        options.asked_as = named
            .stand_in
            .then(|| AskedAs { publisher: named.publisher.clone(), extension_type: named.extension_type.clone() });
        self.say_options(&mut options, asked)?;
        let image = match (&asked.type_handler_version, kept) {
            // a PATCH that names no version stays with the one that is there
            (None, Some(extension)) => {
                named.versions.iter().find(|(_, i)| i.version == extension.version).map(|(_, i)| *i)
            }
            (text, _) => {
                let text = needed(text, "properties.typeHandlerVersion")?;
                let line: ExtensionVersion =
                    text.parse().map_err(|fault: Fault| fault.at("properties.typeHandlerVersion"))?;
                options.type_handler_version = Some(line.line());
                let chosen = choose(&line, options.auto_upgrade_minor_version, &named.versions);
                Some(chosen.ok_or_else(|| no_version(&publisher, &extension_type, &text, &named.versions))?.1)
            }
        };
        let Some(image) = image else { return Err(no_artifact(&publisher, &extension_type).into()) };
        if options.enable_automatic_upgrade && !image.supports_automatic_upgrade {
            let message = format!(
                "{} does not support automatic upgrades. Leave enableAutomaticUpgrade out; autoUpgradeMinorVersion takes the newest minor version at every change.",
                image.title
            );
            return Err(Fault::invalid("properties.enableAutomaticUpgrade", message).into());
        }
        // a failed extension that is put once more is to be tried once more
        let force_run = before.is_some_and(|e| matches!(e.provisioning_state, ProvisioningState::Failed));
        Ok(PutExtension {
            targets: vec![vm.id],
            name,
            publisher: image.publisher.clone(),
            extension_type: image.extension_type.clone(),
            version: Some(image.version.clone()),
            settings: match (&asked.settings, kept) {
                (Some(settings), _) => settings.clone(),
                (None, Some(extension)) => extension.settings.clone(),
                (None, None) => json!({}),
            },
            protected: match (&asked.protected, kept) {
                (Some(text), _) => ProtectedChange::Replace(text.clone()),
                (None, Some(_)) => ProtectedChange::Keep,
                (None, None) => ProtectedChange::Replace(Secret::new("{}")),
            },
            provision_after: match (&asked.provision_after, kept) {
                (Some(names), _) => Some(order(names)?),
                (None, Some(_)) => None,
                (None, None) => Some(Vec::new()),
            },
            options: Some(options),
            force_run,
            if_match: None,
        })
    }

    fn say_options(&self, options: &mut ExtensionOptions, asked: &AskedExtension) -> Result<(), Fault> {
        if let Some(tags) = &asked.tags {
            check_tags(tags)?;
            options.tags.clone_from(tags);
        }
        let ExtensionOptions { auto_upgrade_minor_version, enable_automatic_upgrade, suppress_failures, .. } = options;
        for (slot, said) in [
            (auto_upgrade_minor_version, asked.auto_upgrade_minor_version),
            (enable_automatic_upgrade, asked.enable_automatic_upgrade),
            (suppress_failures, asked.suppress_failures),
        ] {
            *slot = said.unwrap_or(*slot);
        }
        if asked.force_update_tag.is_some() {
            options.force_update_tag.clone_from(&asked.force_update_tag);
        }
        Ok(())
    }
}

/// A property that a PUT must have.
fn needed(said: &Option<String>, target: &str) -> Result<String, Fault> {
    let missing = || {
        let property = target.trim_start_matches("properties.");
        Fault::invalid(target, format!("Required parameter '{property}' is missing (null). Name it in the properties."))
    };
    said.as_ref().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).ok_or_else(missing)
}

/// Publisher and type of an extension that is there, under the names it was asked for by; a PATCH may repeat them.
fn asked_names(extension: &Extension, asked: &AskedExtension) -> Result<(String, String), Fault> {
    let (publisher, extension_type) = match &extension.options.asked_as {
        Some(name) => (name.publisher.to_string(), name.extension_type.to_string()),
        None => (extension.publisher.to_string(), extension.extension_type.to_string()),
    };
    for (property, said, own) in
        [("publisher", &asked.publisher, &publisher), ("type", &asked.extension_type, &extension_type)]
    {
        if said.as_ref().is_some_and(|said| !said.eq_ignore_ascii_case(own)) {
            let message = format!(
                "Changing property 'properties.{property}' is not allowed: {} is of {own}. Delete it first, or choose another name.",
                extension.name
            );
            return Err(Fault::new(FaultKind::Conflict, "PropertyChangeNotAllowed", message)
                .at(format!("properties.{property}")));
        }
    }
    Ok((publisher, extension_type))
}

fn order(names: &[String]) -> Result<Vec<ExtensionName>, Fault> {
    let read = |name: &String| name.parse().map_err(|f: Fault| f.at("properties.provisionAfterExtensions"));
    names.iter().map(read).collect()
}

fn no_artifact(publisher: &str, extension_type: &str) -> Fault {
    let message = format!(
        "The VM extension with publisher '{publisher}' and type '{extension_type}' was not found here. The marketplace, or `az vm extension image list`, shows what is published."
    );
    Fault::new(FaultKind::NotFound, "ArtifactNotFound", message)
}

fn no_version(
    publisher: &str,
    extension_type: &str,
    asked: &str,
    versions: &[(ExtensionVersion, &ExtensionImage)],
) -> Fault {
    let mut lines: Vec<String> = versions.iter().map(|(version, _)| version.line()).collect();
    lines.dedup();
    let message = format!(
        "The VM extension '{publisher}.{extension_type}' has no version '{asked}'. There is: {}.",
        lines.join(", ")
    );
    Fault::new(FaultKind::NotFound, "ArtifactVersionNotFound", message).at("properties.typeHandlerVersion")
}
