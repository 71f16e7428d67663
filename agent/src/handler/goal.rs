//! From the wire document to what is wanted of this machine.

use agent_protocol::extensions_config::{Plugin, PluginSettings, Settings};
use agent_protocol::{ExtensionsConfig, RequestedState};

use super::places::is_plain_name;
use super::{Failure, SINGLE, Verdict, Version, Wanted, WantedExtension, WantedHandler, Wish, codes};

/// Features that a goal state may require of this agent.
const FEATURES: [&str; 1] = ["MultipleExtensionsPerHandler"];

impl Wanted {
    /// Reads the wish out of an extensions configuration. `on_hold` is what the artifacts profile said.
    #[must_use]
    pub fn from_config(config: &ExtensionsConfig, incarnation: u64, on_hold: bool) -> Self {
        let unknown = config.required_features.iter().find(|feature| !FEATURES.contains(&feature.as_str()));
        let verdict = match unknown {
            Some(feature) => Verdict::Refused(Failure::new(
                codes::UNSUPPORTED_FEATURE,
                format!(
                    "the goal state requires the feature {feature:?}, which this agent does not have; update the agent"
                ),
            )),
            None if on_hold => Verdict::OnHold,
            None => Verdict::Process,
        };
        let handlers = config.plugins.iter().filter_map(|plugin| handler(config, plugin)).collect();
        Self { incarnation, verdict, handlers }
    }
}

/// `None` for a name that could not even be reported safely.
fn handler(config: &ExtensionsConfig, plugin: &Plugin) -> Option<WantedHandler> {
    if !is_plain_name(&plugin.name) || plugin.name.contains('-') {
        tracing::error!(name = ?plugin.name, "a handler with an impossible name is ignored");
        return None;
    }
    let settings = config.settings_of(plugin);
    let mut wanted = WantedHandler {
        name: plugin.name.clone(),
        version: Version::default(),
        wish: match plugin.state {
            RequestedState::Enabled => Wish::Enabled,
            RequestedState::Disabled => Wish::Disabled,
            RequestedState::Uninstall => Wish::Uninstalled,
        },
        multi: matches!(settings.map(|found| &found.settings), Some(Settings::Multiple(_))),
        locations: locations(plugin),
        extensions: Vec::new(),
        fault: None,
    };
    match plugin.version.parse() {
        Ok(version) => wanted.version = version,
        Err(error) => wanted.fault = Some(Failure::new(codes::UNKNOWN, error_text(&plugin.name, &error))),
    }
    match extensions(plugin, settings) {
        Ok(extensions) => wanted.extensions = extensions,
        Err(message) => wanted.fault = Some(Failure::new(codes::UNKNOWN, message)),
    }
    Some(wanted)
}

fn error_text(name: &str, error: &dyn std::fmt::Display) -> String {
    format!("the goal state's entry for {name} can not be used: {error}")
}

fn locations(plugin: &Plugin) -> Vec<String> {
    let all = std::iter::once(&plugin.location).chain(&plugin.failover_location).chain(&plugin.additional_locations);
    all.filter(|location| !location.is_empty()).cloned().collect()
}

fn extensions(plugin: &Plugin, settings: Option<&PluginSettings>) -> Result<Vec<WantedExtension>, String> {
    let name = plugin.extension.clone().unwrap_or_else(|| plugin.name.clone());
    let single = |sequence, settings, level| WantedExtension {
        key: SINGLE.to_owned(),
        name: name.clone(),
        sequence,
        settings,
        enabled: true,
        level,
    };
    let Some(settings) = settings else { return Ok(vec![single(0, None, 0)]) };
    if settings.version != plugin.version {
        return Err(format!(
            "Version Mismatch: {} is wanted at {}, but its settings are for {}",
            plugin.name, plugin.version, settings.version
        ));
    }
    match &settings.settings {
        Settings::None => Ok(vec![single(0, None, settings.dependency_level(None))]),
        Settings::Single(runtime) => {
            let level = settings.dependency_level(None);
            Ok(vec![single(runtime.seq_no, Some(runtime.text.clone()), level)])
        }
        Settings::Multiple(list) => list
            .iter()
            .map(|item| {
                if !is_plain_name(&item.name) {
                    return Err(format!(
                        "the settings' name {:?} of {} can not be a file name",
                        item.name, plugin.name
                    ));
                }
                Ok(WantedExtension {
                    key: item.name.clone(),
                    name: item.name.clone(),
                    sequence: item.runtime.seq_no,
                    settings: Some(item.runtime.text.clone()),
                    enabled: item.state == RequestedState::Enabled,
                    level: settings.dependency_level(Some(&item.name)),
                })
            })
            .collect(),
        Settings::Contradictory => Err(format!("the settings of {} contradict each other", plugin.name)),
    }
}
