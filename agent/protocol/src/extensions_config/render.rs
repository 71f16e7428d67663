//! Extensions configuration to XML.

use super::{ExtensionsConfig, Plugin, PluginSettings, Settings};
use crate::xml::Writer;

pub(super) fn render(config: &ExtensionsConfig) -> String {
    let incarnation = config.incarnation.map(|number| number.to_string());
    let mut attributes = vec![("version", "1.0.0.0")];
    if let Some(incarnation) = &incarnation {
        attributes.push(("goalStateIncarnation", incarnation));
    }
    let mut xml = Writer::document("Extensions", &attributes);
    xml.begin("Plugins", &[]);
    for plugin in &config.plugins {
        render_plugin(&mut xml, plugin);
    }
    xml.end();
    xml.begin("PluginSettings", &[]);
    for settings in &config.plugin_settings {
        render_settings(&mut xml, settings);
    }
    xml.end();
    if !config.required_features.is_empty() {
        xml.begin("RequiredFeatures", &[]);
        for feature in &config.required_features {
            xml.begin("RequiredFeature", &[]).leaf("Name", feature).end();
        }
        xml.end();
    }
    if let Some(url) = &config.artifacts_profile_blob {
        xml.leaf("InVMArtifactsProfileBlob", url);
    }
    if let Some(blob) = &config.status_upload_blob {
        xml.leaf_with("StatusUploadBlob", &[("statusBlobType", blob.blob_type.as_str())], &blob.url);
    }
    if let Some(meta) = &config.meta_data {
        xml.empty(
            "InVMGoalStateMetaData",
            &[
                ("inSvdSeqNo", &meta.in_svd_seq_no),
                ("createdOnTicks", &meta.created_on_ticks.to_string()),
                ("activityId", &meta.activity_id),
                ("correlationId", &meta.correlation_id),
            ],
        );
    }
    xml.finish()
}

fn render_plugin(xml: &mut Writer, plugin: &Plugin) {
    let mut attributes = vec![
        ("name", plugin.name.as_str()),
        ("version", &plugin.version),
        ("state", plugin.state.as_str()),
        ("location", &plugin.location),
    ];
    if let Some(url) = &plugin.failover_location {
        attributes.push(("failoverlocation", url));
    }
    attributes.extend([
        ("autoUpgrade", "false"),
        ("runAsStartupTask", "false"),
        ("isJson", "true"),
        ("useExactVersion", "true"),
    ]);
    if let Some(name) = &plugin.extension {
        attributes.push(("annexExtension", name));
    }
    if plugin.additional_locations.is_empty() {
        xml.empty("Plugin", &attributes);
        return;
    }
    xml.begin("Plugin", &attributes).begin("additionalLocations", &[]);
    for url in &plugin.additional_locations {
        xml.leaf("additionalLocation", url);
    }
    xml.end().end();
}

fn render_settings(xml: &mut Writer, settings: &PluginSettings) {
    xml.begin("Plugin", &[("name", &settings.name), ("version", &settings.version)]);
    for place in &settings.depends_on {
        let level = place.dependency_level.to_string();
        let mut attributes = vec![("dependencyLevel", level.as_str())];
        if let Some(name) = &place.name {
            attributes.push(("name", name));
        }
        xml.begin("DependsOn", &attributes);
        for extension in &place.extensions {
            let mut attributes = vec![("handler", extension.handler.as_str())];
            if let Some(name) = &extension.extension {
                attributes.push(("extension", name));
            }
            xml.empty("DependsOnExtension", &attributes);
        }
        xml.end();
    }
    match &settings.settings {
        Settings::None | Settings::Contradictory => {}
        Settings::Single(runtime) => {
            xml.leaf_with("RuntimeSettings", &[("seqNo", &runtime.seq_no.to_string())], &runtime.text);
        }
        Settings::Multiple(all) => {
            for one in all {
                let seq_no = one.runtime.seq_no.to_string();
                let attributes = [("seqNo", seq_no.as_str()), ("name", &one.name), ("state", one.state.as_str())];
                xml.leaf_with("ExtensionRuntimeSettings", &attributes, &one.runtime.text);
            }
        }
    }
    xml.end();
}
