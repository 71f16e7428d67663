//! The settings of the health probe.

use std::time::Duration;

use handler_sdk::image::Image;
use handler_sdk::settings::Settings;
use serde::Deserialize;
use serde_json::Value;

use crate::machine::{Observed, Rules};

/// Interval times number of probes may not be longer.
const LONGEST_DECISION: u64 = 240;

/// Why settings cannot be used; the text follows the name of nothing and stands for itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsFault(String);

/// What is probed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Nothing: the machine runs, hence it is well.
    Nothing,
    /// A connection to this port.
    Tcp(u16),
    /// An answer from this address on the machine itself.
    Http(String),
}

/// Settings that passed every rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What is probed.
    pub target: Target,
    /// From the start of one probe to the start of the next.
    pub interval: Duration,
    /// How observations become a health.
    pub rules: Rules,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Public {
    protocol: Option<Protocol>,
    port: Option<u16>,
    request_path: Option<String>,
    interval_in_seconds: Option<u64>,
    number_of_probes: Option<u32>,
    grace_period: Option<u64>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Protocol {
    Tcp,
    Http,
    Https,
}

/// Checks `settings` against the schema of `image` and the rules between settings.
///
/// # Errors
/// With words for the person who made the settings.
pub fn check(image: &Image, settings: &Settings) -> Result<Wanted, SettingsFault> {
    let problems: Vec<String> = image.check(settings).iter().map(ToString::to_string).collect();
    if !problems.is_empty() {
        return Err(SettingsFault(format!("the settings are not valid: {}", problems.join("; "))));
    }
    let public: Public = serde_json::from_value(Value::Object(settings.public.clone()))
        .map_err(|error| SettingsFault(format!("the settings are not valid: {error}")))?;
    let interval = public.interval_in_seconds.unwrap_or(5);
    let probes = public.number_of_probes.unwrap_or(1).max(1);
    let decision = interval * u64::from(probes);
    if decision > LONGEST_DECISION {
        let words = format!(
            "intervalInSeconds times numberOfProbes is {decision} seconds; it must be at most {LONGEST_DECISION}"
        );
        return Err(SettingsFault(words));
    }
    let target = target(&public)?;
    let after_grace = if matches!(target, Target::Http(_)) { Observed::Unknown } else { Observed::Unhealthy };
    Ok(Wanted {
        target,
        interval: Duration::from_secs(interval),
        rules: Rules { probes, grace: Duration::from_secs(public.grace_period.unwrap_or(decision)), after_grace },
    })
}

fn target(public: &Public) -> Result<Target, SettingsFault> {
    let path = public.request_path.as_deref().filter(|path| !path.is_empty());
    let fault = |words: &str| Err(SettingsFault(words.to_owned()));
    match (public.protocol, path) {
        (None, None) if public.port.is_none() => Ok(Target::Nothing),
        (None, _) => fault("port or requestPath is given without protocol; choose tcp, http or https"),
        (Some(Protocol::Tcp), Some(_)) => fault("requestPath is not used with protocol tcp; remove it or choose http"),
        (Some(Protocol::Tcp), None) => match public.port.filter(|port| *port != 0) {
            Some(port) => Ok(Target::Tcp(port)),
            None => fault("protocol tcp needs a port"),
        },
        (Some(_), None) => fault("protocol http and https need a requestPath, such as /health"),
        (Some(protocol), Some(path)) => {
            let address = address(protocol, public.port.unwrap_or_default(), path);
            if address.parse::<ureq::http::Uri>().is_err() || path.contains(char::is_whitespace) {
                return fault("requestPath is not a path; write blanks and other special characters as %20");
            }
            Ok(Target::Http(address))
        }
    }
}

/// The port is left out when it is 0 or the protocol's own.
fn address(protocol: Protocol, port: u16, path: &str) -> String {
    let (scheme, own) = if protocol == Protocol::Https { ("https", 443) } else { ("http", 80) };
    let port = if port == 0 || port == own { String::new() } else { format!(":{port}") };
    format!("{scheme}://localhost{port}/{}", path.strip_prefix('/').unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::Path;

    fn package() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("package/1.0.0")
    }

    fn check_json(public: Value) -> Result<Wanted, String> {
        let settings = Settings { public: public.as_object().cloned().unwrap(), ..Settings::default() };
        check(&Image::load(&package()).unwrap(), &settings).map_err(|fault| fault.to_string())
    }

    #[test]
    fn defaults_follow_from_each_other() {
        let wanted = check_json(json!({"protocol": "tcp", "port": 22})).unwrap();
        assert_eq!((wanted.target, wanted.interval), (Target::Tcp(22), Duration::from_secs(5)));
        let expected = Rules { probes: 1, grace: Duration::from_secs(5), after_grace: Observed::Unhealthy };
        assert_eq!(wanted.rules, expected);
        let wanted =
            check_json(json!({"protocol": "http", "requestPath": "/", "intervalInSeconds": 10, "numberOfProbes": 3}));
        assert_eq!(wanted.unwrap().rules.grace, Duration::from_secs(30));
        assert_eq!(check_json(json!({})).unwrap().target, Target::Nothing);
    }

    #[test]
    fn addresses_name_a_port_only_when_it_says_something() {
        for (settings, expected) in [
            (json!({"protocol": "http", "requestPath": "/h"}), "http://localhost/h"),
            (json!({"protocol": "http", "requestPath": "h", "port": 80}), "http://localhost/h"),
            (json!({"protocol": "http", "requestPath": "/h?x=1", "port": 443}), "http://localhost:443/h?x=1"),
            (json!({"protocol": "https", "requestPath": "/h", "port": 443}), "https://localhost/h"),
            (json!({"protocol": "https", "requestPath": "/h", "port": 8443}), "https://localhost:8443/h"),
        ] {
            assert_eq!(check_json(settings).unwrap().target, Target::Http(expected.to_owned()));
        }
    }

    #[test]
    fn what_does_not_fit_together_is_said() {
        for (settings, words) in [
            (json!({"protocol": "tcp"}), "port"),
            (json!({"protocol": "tcp", "port": 0}), "port"),
            (json!({"protocol": "tcp", "port": 1, "requestPath": "/"}), "requestPath"),
            (json!({"protocol": "http"}), "requestPath"),
            (json!({"protocol": "http", "requestPath": "/a b"}), "requestPath"),
            (json!({"port": 1}), "protocol"),
            (json!({"protocol": "udp"}), "must be one of tcp, http, https"),
            (json!({"protocol": "tcp", "port": 70000}), "at most 65535"),
            (json!({"protocol": "tcp", "port": 1, "intervalInSeconds": 4}), "at least 5"),
            (json!({"protocol": "tcp", "port": 1, "numberOfProbes": 25}), "at most 24"),
            (json!({"protocol": "tcp", "port": 1, "gracePeriod": 14401}), "at most 14400"),
            (json!({"protocol": "tcp", "port": 1, "intervalInSeconds": 60, "numberOfProbes": 5}), "at most 240"),
            (json!({"protocol": "tcp", "port": 1, "vmWatchSettings": {}}), "vmWatchSettings"),
        ] {
            let fault = check_json(settings.clone()).unwrap_err();
            assert!(fault.contains(words), "{settings}: {fault}");
        }
        let settings = Settings { protected: json!({"a": 1}).as_object().cloned().unwrap(), ..Settings::default() };
        assert!(check(&Image::load(&package()).unwrap(), &settings).is_err());
    }

    #[test]
    fn every_setting_is_explained() {
        let image = Image::load(&package()).unwrap().0;
        assert_eq!(
            (image.handler_name().as_str(), image.version.as_str()),
            ("Annex.Extensions.ApplicationHealth", "1.0.0")
        );
        for property in image.public_settings_schema["properties"].as_object().unwrap().values() {
            assert!(property["title"].is_string() && property["description"].is_string(), "{property}");
        }
    }
}
