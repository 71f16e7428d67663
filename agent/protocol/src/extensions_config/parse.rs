//! XML to extensions configuration.

use super::{
    BlobType, DependsOn, DependsOnExtension, ExtensionRuntimeSettings, ExtensionsConfig, GoalStateMetaData,
    MAX_EXTENSIONS_CONFIG_BYTES, Plugin, PluginSettings, RequestedState, RuntimeSettings, Settings, StatusUploadBlob,
    WHAT,
};
use crate::ParseError;
use crate::xml::{self, Element};

pub(super) fn parse(bytes: &[u8]) -> Result<ExtensionsConfig, ParseError> {
    let root = xml::parse(bytes, MAX_EXTENSIONS_CONFIG_BYTES, WHAT)?.expect(WHAT, "Extensions")?;
    let incarnation = root.attribute("goalStateIncarnation");
    let plugins = root.child("Plugins").map(|list| list.all("Plugin").map(plugin).collect()).transpose()?;
    let settings = root.child("PluginSettings").map(|list| list.all("Plugin").map(plugin_settings).collect());
    let features = root.find_all("RequiredFeature").into_iter().filter_map(|feature| feature.find_text("Name"));
    let url = |name| root.find(name).filter(|found| !found.text().is_empty());
    Ok(ExtensionsConfig {
        incarnation: incarnation.map(|text| Element::number(WHAT, "goalStateIncarnation", text)).transpose()?,
        plugins: plugins.unwrap_or_default(),
        plugin_settings: settings.transpose()?.unwrap_or_default(),
        status_upload_blob: url("StatusUploadBlob").map(|found| StatusUploadBlob {
            blob_type: match found.attribute("statusBlobType") {
                Some("PageBlob") => BlobType::PageBlob,
                _ => BlobType::BlockBlob,
            },
            url: found.text().to_owned(),
        }),
        meta_data: root.find("InVMGoalStateMetaData").map(meta_data).transpose()?,
        required_features: features.map(str::to_owned).collect(),
        artifacts_profile_blob: url("InVMArtifactsProfileBlob").map(|found| found.text().to_owned()),
    })
}

fn plugin(element: &Element) -> Result<Plugin, ParseError> {
    let attribute = |name| element.required_attribute(WHAT, name);
    let name = attribute("name")?;
    if name.is_empty() || name.contains(['-', '/', '\\']) || name.starts_with('.') {
        return Err(ParseError::invalid(WHAT, format!("{name:?} cannot be the name of a handler")));
    }
    let version = attribute("version")?;
    if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err(ParseError::invalid(WHAT, format!("{version:?} cannot be a version of {name}")));
    }
    let list = element.child("additionalLocations");
    Ok(Plugin {
        name: name.to_owned(),
        version: version.to_owned(),
        state: RequestedState::parse(attribute("state")?)?,
        location: attribute("location")?.to_owned(),
        failover_location: element.attribute("failoverlocation").filter(|url| !url.is_empty()).map(str::to_owned),
        additional_locations: list
            .map(|list| list.all("additionalLocation").map(|url| url.text().to_owned()).collect())
            .unwrap_or_default(),
        extension: element.attribute("annexExtension").map(str::to_owned),
    })
}

fn plugin_settings(element: &Element) -> Result<PluginSettings, ParseError> {
    let single: Vec<_> = element.all("RuntimeSettings").collect();
    let multiple: Vec<_> = element.all("ExtensionRuntimeSettings").collect();
    let settings = match (single.as_slice(), multiple.as_slice()) {
        ([], []) => Settings::None,
        ([one], []) => Settings::Single(runtime(one)?),
        ([], all) => Settings::Multiple(all.iter().map(|one| extension_runtime(one)).collect::<Result<_, _>>()?),
        _ => Settings::Contradictory,
    };
    Ok(PluginSettings {
        name: element.required_attribute(WHAT, "name")?.to_owned(),
        version: element.required_attribute(WHAT, "version")?.to_owned(),
        depends_on: element.all("DependsOn").map(depends_on).collect::<Result<_, _>>()?,
        settings,
    })
}

fn runtime(element: &Element) -> Result<RuntimeSettings, ParseError> {
    let seq_no = Element::number(WHAT, "seqNo", element.required_attribute(WHAT, "seqNo")?)?;
    Ok(RuntimeSettings { seq_no, text: element.text().to_owned() })
}

fn extension_runtime(element: &Element) -> Result<ExtensionRuntimeSettings, ParseError> {
    let name = element.required_attribute(WHAT, "name")?;
    if name.is_empty() || name.contains('/') || name.starts_with('.') {
        return Err(ParseError::invalid(WHAT, format!("{name:?} cannot be the name of an extension")));
    }
    let state = element.attribute("state").map_or(Ok(RequestedState::Enabled), RequestedState::parse)?;
    Ok(ExtensionRuntimeSettings { name: name.to_owned(), state, runtime: runtime(element)? })
}

fn depends_on(element: &Element) -> Result<DependsOn, ParseError> {
    let level = element.attribute("dependencyLevel").unwrap_or("0");
    let extension = |found: &Element| DependsOnExtension {
        handler: found.attribute("handler").unwrap_or_default().to_owned(),
        extension: found.attribute("extension").map(str::to_owned),
    };
    Ok(DependsOn {
        name: element.attribute("name").map(str::to_owned),
        dependency_level: Element::number(WHAT, "dependencyLevel", level)?,
        extensions: element.all("DependsOnExtension").map(extension).collect(),
    })
}

fn meta_data(element: &Element) -> Result<GoalStateMetaData, ParseError> {
    let text = |name| element.attribute(name).unwrap_or_default().to_owned();
    let ticks = element.attribute("createdOnTicks").unwrap_or("0");
    Ok(GoalStateMetaData {
        in_svd_seq_no: text("inSvdSeqNo"),
        created_on_ticks: Element::number(WHAT, "createdOnTicks", ticks)?,
        activity_id: text("activityId"),
        correlation_id: text("correlationId"),
    })
}
