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

#[cfg(test)]
mod tests {
    use agent_protocol::extensions_config::{ExtensionRuntimeSettings, RuntimeSettings};
    use agent_protocol::{ExtensionsConfig, Plugin, PluginSettings, RequestedState};

    use super::Settings;
    use crate::handler::{Verdict, Wanted, Wish, codes};

    fn read(plugins: &str, settings: &str, rest: &str) -> Wanted {
        let text = format!(
            r#"<Extensions version="1.0.0.0"><Plugins>{plugins}</Plugins><PluginSettings>{settings}</PluginSettings>{rest}</Extensions>"#
        );
        Wanted::from_config(&ExtensionsConfig::parse(text.as_bytes()).unwrap(), 7, false)
    }

    const PLUGIN: &str = r#"<Plugin name="A.B" version="1.0.0" state="enabled" location="http://l/m.xml"/>"#;

    #[test]
    fn single_settings_with_a_level() {
        let wanted = read(
            PLUGIN,
            r#"<Plugin name="a.b" version="1.0.0"><DependsOn dependencyLevel="2"/>
               <RuntimeSettings seqNo="5">{"runtimeSettings":[]}</RuntimeSettings></Plugin>"#,
            "",
        );
        let handler = &wanted.handlers[0];
        assert_eq!((wanted.incarnation, &wanted.verdict, handler.wish), (7, &Verdict::Process, Wish::Enabled));
        let extension = &handler.extensions[0];
        assert_eq!((extension.sequence, extension.level, extension.key.as_str()), (5, 2, ""));
        assert_eq!(extension.settings.as_deref(), Some(r#"{"runtimeSettings":[]}"#), "kept byte for byte");
        assert!(!handler.multi && handler.fault.is_none());
    }

    #[test]
    fn no_settings_make_one_instance_without_them() {
        let handler = &read(PLUGIN, "", "").handlers[0];
        assert_eq!((handler.extensions.len(), handler.extensions[0].sequence), (1, 0));
        assert_eq!(handler.extensions[0].settings, None);
    }

    #[test]
    fn named_settings() {
        let wanted = read(
            PLUGIN,
            r#"<Plugin name="A.B" version="1.0.0"><DependsOn name="a" dependencyLevel="1"/>
               <ExtensionRuntimeSettings seqNo="0" name="a" state="enabled">{}</ExtensionRuntimeSettings>
               <ExtensionRuntimeSettings seqNo="3" name="b" state="disabled">{}</ExtensionRuntimeSettings></Plugin>"#,
            "",
        );
        let handler = &wanted.handlers[0];
        assert!(handler.multi && handler.wants("a") && !handler.wants("b"));
        assert_eq!((handler.extension("a").unwrap().level, handler.extension("b").unwrap().level), (1, 0));
    }

    #[test]
    fn contradictions_are_faults_of_the_handler() {
        let single = r#"<RuntimeSettings seqNo="0">{}</RuntimeSettings>"#;
        let named = r#"<ExtensionRuntimeSettings seqNo="0" name="a" state="enabled">{}</ExtensionRuntimeSettings>"#;
        for (version, settings, text) in [
            ("1.1.0", single.to_owned(), "Version Mismatch"),
            ("1.0.0", format!("{single}{single}"), "contradict"),
            ("1.0.0", format!("{single}{named}"), "contradict"),
        ] {
            let wanted = read(PLUGIN, &format!(r#"<Plugin name="A.B" version="{version}">{settings}</Plugin>"#), "");
            let fault = wanted.handlers[0].fault.as_ref().expect(text);
            assert!(fault.code == codes::UNKNOWN && fault.message.contains(text), "{fault:?}");
        }
    }

    /// The parser refuses most of these; the life cycle does not rely on it.
    #[test]
    fn impossible_names_and_versions_never_become_paths() {
        let runtime = || RuntimeSettings { seq_no: 0, text: "{}".into() };
        let config = |name: &str, version: &str, settings: &str| ExtensionsConfig {
            plugins: vec![Plugin {
                name: name.into(),
                version: version.into(),
                state: RequestedState::Enabled,
                location: "l".into(),
                failover_location: None,
                additional_locations: vec![],
                extension: None,
            }],
            plugin_settings: vec![PluginSettings {
                name: name.into(),
                version: version.into(),
                depends_on: vec![],
                settings: Settings::Multiple(vec![ExtensionRuntimeSettings {
                    name: settings.into(),
                    state: RequestedState::Enabled,
                    runtime: runtime(),
                }]),
            }],
            ..ExtensionsConfig::default()
        };
        let handlers = |config| Wanted::from_config(&config, 1, false).handlers;
        for name in ["../../etc", "A-B", ".hidden", "a/b", ""] {
            assert!(handlers(config(name, "1.0.0", "a")).is_empty(), "{name}");
        }
        assert!(handlers(config("A.B", "1.0/../..", "a"))[0].fault.is_some());
        assert!(handlers(config("A.B", "1.0", "../../etc/cron.d/x"))[0].fault.is_some());
        assert!(handlers(config("A.B", "1.0", "x"))[0].fault.is_none());
    }

    #[test]
    fn unknown_features_refuse_the_whole() {
        let features = |name: &str| {
            format!("<RequiredFeatures><RequiredFeature><Name>{name}</Name></RequiredFeature></RequiredFeatures>")
        };
        assert_eq!(read(PLUGIN, "", &features("MultipleExtensionsPerHandler")).verdict, Verdict::Process);
        let Verdict::Refused(failure) = read(PLUGIN, "", &features("Telepathy")).verdict else { panic!("accepted") };
        assert_eq!(failure.code, codes::UNSUPPORTED_FEATURE);
    }
}
