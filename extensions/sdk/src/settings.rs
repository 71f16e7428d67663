//! The settings file of one sequence number: reading it and opening its protected part.
//!
//! ```text
//! <config>/<seq>.settings ──► publicSettings ───────────────────────────────► Settings.public
//!                         └─► protectedSettings (base64 of a CMS envelope) ──► Settings.protected
//!                                   ▲ opened with <lib>/<THUMBPRINT>.prv
//! ```
//!
//! Decrypted settings are never written to a disk.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use agent_protocol::{JsonDocument as _, SettingsFile, envelope};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::environment::Environment;
use crate::sequence::Sequence;

/// The settings of one sequence number.
#[derive(Clone, Default)]
pub struct Settings {
    /// What anyone who may read the extension may read.
    pub public: Map<String, Value>,
    /// What only the handler may read; empty when there are none.
    pub protected: Map<String, Value>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Settings").field("public", &self.public).finish_non_exhaustive()
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file is absent or unreadable.
    #[error("cannot read the settings file {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not the document of the contract.
    #[error("the settings file {path} is damaged: {reason}; apply the settings again")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The certificate or its key is not on this machine.
    #[error(
        "the protected settings are for certificate {0}, which this machine does not have; apply the settings again so that they are sealed for the machine's present certificate"
    )]
    CertificateMissing(String),
    /// The envelope does not open with the machine's key.
    #[error("the protected settings cannot be opened with the machine's key: {0}; apply the settings again")]
    Sealed(String),
}

impl Settings {
    /// Reads and opens the settings of `sequence`. An empty file stands for settings without a key.
    ///
    /// # Errors
    /// When the file is absent, damaged or too large, or its protected part does not open here.
    pub fn load(environment: &Environment, sequence: &Sequence) -> Result<Self, SettingsError> {
        let path = sequence.file(&environment.config_folder, "settings");
        let unreadable = |source| SettingsError::Unreadable { path: path.clone(), source };
        let bytes = fs::read(&path).map_err(unreadable)?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        let malformed = |reason: &str| SettingsError::Malformed { path: path.clone(), reason: reason.to_owned() };
        let file = SettingsFile::parse(&bytes).map_err(|error| malformed(&error.to_string()))?;
        let Some(sections) = file.runtime_settings.into_iter().next().map(|element| element.handler_settings) else {
            return Ok(Self::default());
        };
        let public = object(sections.public_settings).ok_or_else(|| malformed("publicSettings is not an object"))?;
        let protected = match sections.protected_settings.filter(|text| !text.is_empty()) {
            None => Map::new(),
            Some(text) => {
                let thumbprint = sections.protected_settings_cert_thumbprint.unwrap_or_default();
                let sealed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
                let sealed = STANDARD.decode(sealed).map_err(|_| malformed("protectedSettings is not base64"))?;
                let opened = open(&environment.lib, &thumbprint, &sealed)?;
                let value = serde_json::from_slice(&opened)
                    .map_err(|_| malformed("protectedSettings is not JSON once opened"))?;
                object(Some(value)).ok_or_else(|| malformed("protectedSettings is not an object"))?
            }
        };
        Ok(Self { public, protected })
    }

    /// Every text in the protected settings, for a [`crate::redact::Redactor`].
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.protected.values().for_each(|value| collect_texts(value, &mut found));
        found
    }
}

fn object(value: Option<Value>) -> Option<Map<String, Value>> {
    match value {
        None | Some(Value::Null) => Some(Map::new()),
        Some(Value::Object(map)) => Some(map),
        Some(_) => None,
    }
}

fn collect_texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, found)),
        Value::Object(map) => map.values().for_each(|item| collect_texts(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn open(lib: &Path, thumbprint: &str, sealed: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>, SettingsError> {
    let missing = || SettingsError::CertificateMissing(thumbprint.to_owned());
    // the thumbprint becomes part of a path: nothing but hexadecimal digits may be in it
    if thumbprint.is_empty() || !thumbprint.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(missing());
    }
    let file = lib.join(format!("{}.prv", thumbprint.to_ascii_uppercase()));
    let key = zeroize::Zeroizing::new(fs::read_to_string(file).map_err(|_| missing())?);
    envelope::open(&key, sealed).map_err(|error| SettingsError::Sealed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use agent_protocol::Timestamp;
    use serde_json::json;

    struct Machine {
        _folder: tempfile::TempDir,
        environment: Environment,
        sequence: Sequence,
    }

    fn machine() -> Machine {
        let folder = tempfile::tempdir().unwrap();
        let lib = folder.path().to_path_buf();
        let config_folder = lib.join("config");
        fs::create_dir(&config_folder).unwrap();
        let environment = Environment {
            root: lib.join("A.B-1.0.0"),
            name: "A.B".into(),
            log_folder: lib.join("log"),
            config_folder,
            status_folder: lib.join("status"),
            heartbeat_file: None,
            output_folder: None,
            lib,
        };
        Machine { _folder: folder, environment, sequence: Sequence { extension: None, number: 1 } }
    }

    impl Machine {
        fn load(&self, text: &str) -> Result<Settings, SettingsError> {
            fs::write(self.environment.config_folder.join("1.settings"), text).unwrap();
            Settings::load(&self.environment, &self.sequence)
        }
    }

    #[test]
    fn opens_what_was_sealed_for_this_machine_only() {
        let machine = machine();
        let key = envelope::MachineKey::generate(Timestamp::from_unix_ms(1_700_000_000_000)).unwrap();
        let sealed = envelope::seal(&key.certificate_der, br#"{"a":"secret text","b":["more"]}"#).unwrap();
        let text = json!({"runtimeSettings": [{"handlerSettings": {
            "publicSettings": {"x": 1},
            "protectedSettings": STANDARD.encode(sealed),
            "protectedSettingsCertThumbprint": key.thumbprint(),
        }}]})
        .to_string();
        assert!(matches!(machine.load(&text), Err(SettingsError::CertificateMissing(_))));
        fs::write(machine.environment.lib.join(format!("{}.prv", key.thumbprint())), &*key.key_pem).unwrap();
        let settings = machine.load(&text).unwrap();
        assert_eq!(settings.public["x"], 1);
        assert_eq!(settings.secrets(), ["secret text", "more"]);
        assert!(!format!("{settings:?}").contains("secret"));
        let other = envelope::MachineKey::generate(Timestamp::from_unix_ms(1_700_000_000_000)).unwrap();
        fs::write(machine.environment.lib.join(format!("{}.prv", key.thumbprint())), &*other.key_pem).unwrap();
        assert!(matches!(machine.load(&text), Err(SettingsError::Sealed(_))));
    }

    #[test]
    fn damaged_files_are_errors_and_empty_ones_are_not() {
        let machine = machine();
        assert!(matches!(
            Settings::load(&machine.environment, &machine.sequence),
            Err(SettingsError::Unreadable { .. })
        ));
        for text in [
            "",
            " \n",
            r#"{"runtimeSettings":[]}"#,
            r#"{"runtimeSettings":[{"handlerSettings":{"publicSettings":null}}]}"#,
        ] {
            assert!(machine.load(text).unwrap().public.is_empty());
        }
        for text in [
            "{",
            "[]",
            r#"{"runtimeSettings":[{"handlerSettings":{"publicSettings":[]}}]}"#,
            r#"{"runtimeSettings":[{"handlerSettings":{"protectedSettings":"!"}}]}"#,
        ] {
            assert!(matches!(machine.load(text), Err(SettingsError::Malformed { .. })), "{text}");
        }
        let text = r#"{"runtimeSettings":[{"handlerSettings":{"protectedSettings":"AAAA","protectedSettingsCertThumbprint":"../../x"}}]}"#;
        assert!(matches!(machine.load(text), Err(SettingsError::CertificateMissing(_))));
    }
}
