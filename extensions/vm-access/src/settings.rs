//! The settings, under the names that clients send, and what of it belongs together.

use handler_sdk::image::Image;
use handler_sdk::settings::Settings;
use serde::Deserialize;
use serde_json::Value;
use time::Date;
use time::macros::format_description;
use zeroize::Zeroizing;

use crate::codes;
use crate::failure::Failure;

/// Settings that passed every rule.
pub struct Wanted {
    /// A user to create or to change.
    pub user: Option<User>,
    /// A user to remove.
    pub remove: Option<String>,
    /// Put a working configuration of the SSH server in place.
    pub reset_ssh: bool,
    /// Put the kept configuration back.
    pub restore_ssh: bool,
}

/// A user to create or to change.
pub struct User {
    /// Its name.
    pub name: String,
    /// Its new password.
    pub password: Option<Zeroizing<String>>,
    /// A public key, in any form.
    pub key: Option<String>,
    /// Its other keys go.
    pub remove_prior_keys: bool,
    /// The day it expires, `yyyy-mm-dd`.
    pub expiration: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Protected {
    username: String,
    password: String,
    ssh_key: String,
    remove_prior_keys: bool,
    expiration: String,
    remove_user: String,
    reset_ssh: bool,
    restore_backup_ssh: bool,
}

/// What must be masked wherever it turns up. A public key is none, and names of users are what reports are about.
#[must_use]
pub fn secrets(settings: &Settings) -> Vec<String> {
    settings.protected.get("password").and_then(Value::as_str).map(ToOwned::to_owned).into_iter().collect()
}

/// Checks `settings` against the schemas of `image` and the rules between settings.
///
/// # Errors
/// The first rule that is broken. Empty texts count as not given.
pub fn check(image: &Image, settings: &Settings) -> Result<Wanted, Failure> {
    let keys = settings.public.keys().chain(settings.protected.keys());
    if let Some(disk) = keys.into_iter().find(|key| ["check_disk", "repair_disk", "disk_name"].contains(&key.as_str()))
    {
        return refused(format!(
            "{disk} is not done by this extension: file systems in use cannot be checked safely from here; use Run Command with fsck"
        ));
    }
    let problems: Vec<String> = image.check(settings).iter().map(ToString::to_string).collect();
    if !problems.is_empty() {
        return refused(format!(
            "the settings are not valid: {}. Correct them and apply them again",
            problems.join("; ")
        ));
    }
    // the parser's words could quote a secret
    let given: Protected = serde_json::from_value(Value::Object(settings.protected.clone()))
        .map_err(|_| Failure::new(codes::SETTINGS, "the protected settings hold a key or a type that is not known"))?;
    let text = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let password = Some(given.password).filter(|password| !password.is_empty()).map(Zeroizing::new);
    let (name, key, expiration) = (text(given.username), text(given.ssh_key), text(given.expiration));
    let remove = text(given.remove_user);
    if remove.is_some() && (password.is_some() || given.reset_ssh || given.restore_backup_ssh) {
        return refused("remove_user cannot be combined with password, reset_ssh or restore_backup_ssh");
    }
    if remove.is_some() && remove == name {
        return refused("remove_user and username name the same user");
    }
    if given.reset_ssh && given.restore_backup_ssh {
        return refused("reset_ssh and restore_backup_ssh exclude each other");
    }
    if password.as_ref().is_some_and(|password| password.contains(['\n', '\r', '\0'])) {
        return refused("a password cannot hold a line end");
    }
    if let Some(day) = &expiration {
        let is_day = Date::parse(day, format_description!("[year]-[month]-[day]")).is_ok();
        if !is_day {
            return refused("expiration is not a day; write it as in 2027-01-31");
        }
    }
    let user = match name {
        Some(name) => Some(User { name, password, key, remove_prior_keys: given.remove_prior_keys, expiration }),
        None if password.is_some() || key.is_some() || expiration.is_some() || given.remove_prior_keys => {
            return refused("a password, an ssh_key, remove_prior_keys or an expiration is given without a username");
        }
        None => None,
    };
    if let Some(user) = &user {
        if user.password.is_none() && user.key.is_none() && user.expiration.is_none() {
            return refused("No password or ssh_key is specified");
        }
        if user.remove_prior_keys && user.key.is_none() {
            return refused("remove_prior_keys is given without an ssh_key, which would leave the user without any");
        }
    }
    let wanted = Wanted { user, remove, reset_ssh: given.reset_ssh, restore_ssh: given.restore_backup_ssh };
    if wanted.user.is_none() && wanted.remove.is_none() && !wanted.reset_ssh && !wanted.restore_ssh {
        return refused("nothing is asked for; give a username, remove_user, reset_ssh or restore_backup_ssh");
    }
    Ok(wanted)
}

fn refused<T>(words: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::new(codes::SETTINGS, words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::Path;

    fn checked(public: Value, protected: Value) -> Result<Wanted, String> {
        let image = Image::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("package/1.0.0")).unwrap();
        let object = |value: Value| value.as_object().unwrap().clone();
        let settings = Settings { public: object(public), protected: object(protected) };
        check(&image, &settings).map_err(|failure| failure.message)
    }

    #[test]
    fn what_clients_send_is_accepted() {
        for protected in [
            json!({"username": "ana", "password": "hunter2-hunter2"}),
            json!({"username": "ana", "ssh_key": "ssh-ed25519 AAAA"}),
            json!({"remove_user": "bob"}),
            json!({"reset_ssh": true}),
            json!({"restore_backup_ssh": true}),
            json!({"username": "ana", "expiration": "2027-01-31"}),
            json!({"remove_user": "bob", "username": "ana", "ssh_key": "ssh-ed25519 AAAA", "remove_prior_keys": true}),
        ] {
            assert!(checked(json!({}), protected.clone()).is_ok(), "{protected}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused_without_its_value() {
        let secret = "hunter2-hunter2";
        for (public, protected, words) in [
            (json!({}), json!({}), "nothing is asked for"),
            (json!({}), json!({"username": "ana"}), "No password or ssh_key"),
            (json!({}), json!({"password": secret}), "without a username"),
            (json!({}), json!({"remove_user": "bob", "password": secret, "username": "ana"}), "cannot be combined"),
            (json!({}), json!({"remove_user": "bob", "reset_ssh": true}), "cannot be combined"),
            (json!({}), json!({"remove_user": "ana", "username": "ana", "ssh_key": "x"}), "same user"),
            (json!({}), json!({"reset_ssh": true, "restore_backup_ssh": true}), "exclude"),
            (json!({}), json!({"username": "ana", "expiration": "2027-02-30"}), "not a day"),
            (json!({}), json!({"username": "ana", "password": "hunter2\nhunter2"}), "line end"),
            (json!({}), json!({"username": "-rf", "password": secret}), "protectedSettings.username"),
            (
                json!({}),
                json!({"username": "ana", "expiration": "2027-01-31", "remove_prior_keys": true}),
                "without any",
            ),
            (json!({"check_disk": "true"}), json!({}), "check_disk is not done"),
            (json!({}), json!({"repair_disk": true}), "repair_disk is not done"),
            (json!({"username": "ana"}), json!({}), "settings.username"),
        ] {
            let message = checked(public, protected).err().unwrap_or_else(|| panic!("{words} is accepted"));
            assert!(message.contains(words) && !message.contains("hunter2"), "{message}");
        }
    }
}
