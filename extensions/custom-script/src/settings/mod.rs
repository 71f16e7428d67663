//! The settings of a custom script: what may stand in them, and what of it belongs together.

use std::time::Duration;

use handler_sdk::image::Image;
use handler_sdk::settings::Settings;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::codes;
use crate::failure::Failure;
use crate::features::Features;

/// What a command may take when nothing else is said, and at most.
pub const LONGEST: Duration = Duration::from_secs(90 * 60);

/// What to run.
#[derive(Clone, PartialEq, Eq)]
pub enum Task {
    /// A command line for `/bin/sh`.
    Command(String),
    /// A script as it stands in the settings: base64, perhaps of gzip.
    Script(String),
}

/// How to get at files that are not public.
#[derive(Clone, PartialEq, Eq)]
pub enum Access {
    /// As anybody.
    Public,
    /// With the key of a storage account.
    AccountKey {
        /// The account's name.
        account: String,
        /// The key, in base64.
        key: String,
    },
    /// With a token of the machine's identity, where plain access is refused.
    Identity(Identity),
}

/// Which of the machine's identities; without either, the one that belongs to the machine itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// By its client.
    pub client_id: Option<String>,
    /// By its object.
    pub object_id: Option<String>,
}

/// Settings that passed every rule.
#[derive(Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What to run.
    pub task: Task,
    /// Whether the task came in the protected settings.
    pub protected_task: bool,
    /// What to download first.
    pub files: Vec<String>,
    /// How to get at it.
    pub access: Access,
    /// Leave byte order marks and line ends as they are.
    pub keep_line_ends: bool,
    /// When the command is ended.
    pub limit: Duration,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Public {
    command_to_execute: Option<String>,
    script: Option<String>,
    file_uris: Option<Vec<Option<String>>>,
    skip_dos2_unix: Option<bool>,
    #[serde(rename = "timestamp")]
    _timestamp: Option<i64>,
    timeout_in_seconds: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Protected {
    command_to_execute: Option<String>,
    script: Option<String>,
    file_uris: Option<Vec<Option<String>>>,
    storage_account_name: Option<String>,
    storage_account_key: Option<String>,
    managed_identity: Option<Identity>,
}

/// Checks `settings` against the schemas of `image` and the rules between settings.
///
/// # Errors
/// The first rule that is broken, with its own code. Empty texts count as not given.
pub fn check(image: &Image, features: Features, settings: &Settings) -> Result<Wanted, Failure> {
    let problems: Vec<String> = image.check(settings).iter().map(ToString::to_string).collect();
    if !problems.is_empty() {
        let words = format!("the settings are not valid: {}. Correct them and apply them again.", problems.join("; "));
        return Err(Failure::new(codes::BAD_CONFIGURATION, words));
    }
    let public: Public = section("settings", &settings.public)?;
    let protected: Protected = section("protectedSettings", &settings.protected)?;
    let (task, protected_task) = task(&public, &protected)?;
    let limit = match public.timeout_in_seconds.filter(|_| features.timeout_setting) {
        Some(seconds) => Duration::from_secs(seconds).min(LONGEST),
        None => LONGEST,
    };
    Ok(Wanted {
        task,
        protected_task,
        files: files(public.file_uris, protected.file_uris)?,
        access: access(protected.storage_account_name, protected.storage_account_key, protected.managed_identity)?,
        keep_line_ends: public.skip_dos2_unix.unwrap_or_default(),
        limit,
    })
}

fn section<T: DeserializeOwned>(name: &str, given: &Map<String, Value>) -> Result<T, Failure> {
    serde_json::from_value(Value::Object(given.clone())).map_err(|_| {
        // the parser's words could quote a secret
        Failure::new(codes::BAD_CONFIGURATION, format!("{name} hold a key or a type that this version does not know"))
    })
}

fn task(public: &Public, protected: &Protected) -> Result<(Task, bool), Failure> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let commands = (given(&public.command_to_execute), given(&protected.command_to_execute));
    let scripts = (given(&public.script), given(&protected.script));
    let both =
        |name: &str| format!("{name} is given both in the settings and in the protected settings; keep one of the two");
    match (commands, scripts) {
        ((None, None), (None, None)) => {
            Err(Failure::new(codes::NOTHING_TO_RUN, "neither commandToExecute nor script is given; give one of them"))
        }
        ((Some(_), Some(_)), _) => Err(Failure::new(codes::COMMAND_TWICE, both("commandToExecute"))),
        (_, (Some(_), Some(_))) => Err(Failure::new(codes::SCRIPT_TWICE, both("script"))),
        ((Some(command), None), (None, None)) => Ok((Task::Command(command), false)),
        ((None, Some(command)), (None, None)) => Ok((Task::Command(command), true)),
        ((None, None), (Some(script), None)) => Ok((Task::Script(script), false)),
        ((None, None), (None, Some(script))) => Ok((Task::Script(script), true)),
        _ => Err(Failure::new(
            codes::COMMAND_AND_SCRIPT,
            "commandToExecute and script are both given; give only one of them",
        )),
    }
}

fn files(public: Option<Vec<Option<String>>>, protected: Option<Vec<Option<String>>>) -> Result<Vec<String>, Failure> {
    let (public, protected) = (public.unwrap_or_default(), protected.unwrap_or_default());
    if !public.is_empty() && !protected.is_empty() {
        let words = "fileUris is given both in the settings and in the protected settings; keep one of the two";
        return Err(Failure::new(codes::FILES_TWICE, words));
    }
    let given = if public.is_empty() { protected } else { public };
    let mut files = Vec::with_capacity(given.len());
    for (index, uri) in given.into_iter().enumerate() {
        let uri = uri.map(|uri| uri.trim().to_owned()).filter(|uri| !uri.is_empty());
        let missing =
            || Failure::new(codes::EMPTY_FILE_URI, format!("entry {} of fileUris is empty; remove it", index + 1));
        files.push(uri.ok_or_else(missing)?);
    }
    Ok(files)
}

fn access(account: Option<String>, key: Option<String>, identity: Option<Identity>) -> Result<Access, Failure> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    match (given(account), given(key), identity) {
        (None, None, None) => Ok(Access::Public),
        (Some(account), Some(key), None) => Ok(Access::AccountKey { account, key }),
        (None, None, Some(identity)) => {
            let identity = Identity { client_id: given(identity.client_id), object_id: given(identity.object_id) };
            if identity.client_id.is_some() && identity.object_id.is_some() {
                let words = "managedIdentity names both clientId and objectId; keep one of the two";
                return Err(Failure::new(codes::TWO_IDENTITIES, words));
            }
            Ok(Access::Identity(identity))
        }
        (Some(_), None, None) | (None, Some(_), None) => Err(Failure::new(
            codes::HALF_A_KEY,
            "storageAccountName and storageAccountKey belong together; give both or neither",
        )),
        (_, _, Some(_)) => Err(Failure::new(
            codes::KEY_AND_IDENTITY,
            "storageAccountName or storageAccountKey is given together with managedIdentity; give one way of access",
        )),
    }
}

#[cfg(test)]
mod tests;
