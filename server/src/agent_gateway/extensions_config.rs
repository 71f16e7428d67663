//! `GET /machine/{vm}/extensions-config`: the extensions that the machine should have. Reading it is the pick-up.
//!
//! Protected settings leave the server here, and only here: enveloped for the machine's own certificate.

use agent_protocol::{
    ExtensionsConfig, HandlerSettings, Plugin, PluginSettings, RequestedState, SettingsFile,
    envelope::{seal, thumbprint},
    extensions_config::{
        BlobType, DependsOn, DependsOnExtension, ExtensionRuntimeSettings, GoalStateMetaData, RuntimeSettings,
        Settings, StatusUploadBlob,
    },
};
use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use control::{AgentIdentity, Wanted, WantedExtension, WantedState};
use domain::fault::{Fault, FaultKind};

use super::{address::Address, error::WireError, goal_state::xml, own};
use crate::state::AppState;

/// The document.
pub(super) async fn extensions_config(
    State(state): State<AppState>,
    Extension(identity): Extension<AgentIdentity>,
    address: Address,
    Path(vm): Path<String>,
) -> Result<Response, WireError> {
    own::check(&identity, &vm)?;
    let wanted = state.control().wanted(identity.vm_id).await?;
    Ok(xml(document(&wanted, &address)?.render()))
}

fn document(wanted: &Wanted, address: &Address) -> Result<ExtensionsConfig, WireError> {
    let incarnation = u64::try_from(wanted.incarnation.get()).unwrap_or(0);
    let mut config = ExtensionsConfig {
        incarnation: Some(incarnation),
        status_upload_blob: Some(StatusUploadBlob {
            blob_type: BlobType::BlockBlob,
            url: address.status(wanted.vm_id),
        }),
        meta_data: Some(GoalStateMetaData {
            in_svd_seq_no: incarnation.to_string(),
            created_on_ticks: wanted.created_on_ticks,
            activity_id: wanted.vm_id.to_string(),
            correlation_id: wanted.vm_id.to_string(),
        }),
        ..ExtensionsConfig::default()
    };
    for group in by_handler(&wanted.extensions) {
        let (plugin, settings) = handler(&group, wanted, address)?;
        config.plugins.push(plugin);
        config.plugin_settings.extend(settings);
    }
    Ok(config)
}

/// Extensions of one handler together, in the order of their first one.
fn by_handler(extensions: &[WantedExtension]) -> Vec<Vec<&WantedExtension>> {
    let mut groups: Vec<Vec<&WantedExtension>> = Vec::new();
    for extension in extensions {
        match groups.iter_mut().find(|group| group[0].handler.eq_ignore_ascii_case(&extension.handler)) {
            Some(group) => group.push(extension),
            None => groups.push(vec![extension]),
        }
    }
    groups
}

fn handler(
    group: &[&WantedExtension],
    wanted: &Wanted,
    address: &Address,
) -> Result<(Plugin, Option<PluginSettings>), WireError> {
    let first = group[0];
    // the handler goes when its last extension goes
    let kept = group.iter().find(|extension| extension.state == WantedState::Enabled);
    let plugin = Plugin {
        name: first.handler.clone(),
        version: kept.unwrap_or(&first).version.clone(),
        state: if kept.is_some() { RequestedState::Enabled } else { RequestedState::Uninstall },
        location: address.manifest(&first.handler),
        failover_location: None,
        additional_locations: Vec::new(),
        extension: (!first.multi_config).then(|| first.name.clone()),
    };
    let settings = if first.multi_config {
        let each = group.iter().map(|extension| {
            Ok(ExtensionRuntimeSettings {
                name: extension.name.clone(),
                state: match extension.state {
                    WantedState::Enabled => RequestedState::Enabled,
                    WantedState::Uninstall => RequestedState::Disabled,
                },
                runtime: runtime(extension, wanted)?,
            })
        });
        Settings::Multiple(each.collect::<Result<_, WireError>>()?)
    } else {
        match runtime(first, wanted) {
            Ok(settings) => Settings::Single(settings),
            // it goes in any case; with its settings the handler's last commands know their sequence number
            Err(_) if kept.is_none() => return Ok((plugin, None)),
            Err(error) => return Err(error),
        }
    };
    let settings = PluginSettings {
        name: plugin.name.clone(),
        version: plugin.version.clone(),
        depends_on: group.iter().filter_map(|extension| depends_on(extension)).collect(),
        settings,
    };
    Ok((plugin, Some(settings)))
}

fn depends_on(extension: &WantedExtension) -> Option<DependsOn> {
    let place = DependsOn {
        name: extension.multi_config.then(|| extension.name.clone()),
        dependency_level: extension.dependency_level,
        extensions: extension
            .depends_on
            .iter()
            .map(|handler| DependsOnExtension { handler: handler.clone(), extension: None })
            .collect(),
    };
    (place.dependency_level > 0 || !place.extensions.is_empty()).then_some(place)
}

fn runtime(extension: &WantedExtension, wanted: &Wanted) -> Result<RuntimeSettings, WireError> {
    let mut settings =
        HandlerSettings { public_settings: Some(extension.settings.clone()), ..HandlerSettings::default() };
    if let Some(protected) = extension.protected.as_ref().filter(|p| !p.is_empty()) {
        let certificate = wanted.recipient_certificate_der.as_deref();
        let sealed = certificate.map(|der| (seal(der, protected.reveal().as_bytes()), thumbprint(der)));
        match sealed {
            Some((Ok(envelope), thumbprint)) => {
                settings.protected_settings = Some(STANDARD.encode(envelope));
                settings.protected_settings_cert_thumbprint = Some(thumbprint);
            }
            // without its secrets an extension must not run
            Some((Err(error), _)) => return Err(unsealable(wanted, &extension.name, &error.to_string())),
            None => return Err(unsealable(wanted, &extension.name, "the machine has no certificate")),
        }
    }
    let sequence = u64::try_from(extension.sequence_number).unwrap_or(0);
    Ok(RuntimeSettings::new(sequence, &SettingsFile::new(settings)))
}

fn unsealable(wanted: &Wanted, extension: &str, reason: &str) -> WireError {
    tracing::error!(machine = %wanted.vm_id, extension, reason, "protected settings cannot be enveloped");
    Fault::new(
        FaultKind::Conflict,
        "NoCertificate",
        format!(
            "The protected settings of {extension} cannot be enveloped for this machine: {reason}. Enrol it again."
        ),
    )
    .into()
}

#[cfg(test)]
mod tests {
    use control::{WantedExtension, WantedState};

    use super::by_handler;

    #[test]
    fn extensions_of_one_handler_stand_together() {
        let extension = |handler: &str, name: &str| WantedExtension {
            handler: handler.into(),
            version: "1.0.0".into(),
            name: name.into(),
            multi_config: true,
            state: WantedState::Enabled,
            sequence_number: 0,
            settings: serde_json::json!({}),
            protected: None,
            dependency_level: 0,
            depends_on: Vec::new(),
        };
        let all = [extension("A.B", "one"), extension("C.D", "other"), extension("a.b", "two")];
        let names: Vec<Vec<&str>> =
            by_handler(&all).iter().map(|group| group.iter().map(|e| e.name.as_str()).collect()).collect();
        assert_eq!(names, [vec!["one", "two"], vec!["other"]]);
    }
}
