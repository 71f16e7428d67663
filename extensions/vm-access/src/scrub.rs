//! Taking protected settings off the disk once they were read.

use std::fs;

use handler_sdk::atomic::{self, Durability};
use handler_sdk::environment::Environment;
use handler_sdk::log::Log;
use serde_json::Value;

/// Empties the protected part of every settings file of this package. They are sealed for this machine, but whoever gets
/// hold of the machine's key later should find nothing to open.
pub fn scrub(environment: &Environment, log: &Log) {
    for entry in fs::read_dir(&environment.config_folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != "settings") {
            continue;
        }
        let scrubbed = fs::read(&path).ok().and_then(|bytes| without_secrets(&bytes));
        if let Some(bytes) = scrubbed
            && let Err(error) = atomic::write(&path, &bytes, 0o600, Durability::Synced)
        {
            log.error("not-scrubbed", format!("{}: {error}", path.display()));
        }
    }
}

/// The document with an empty protected part; `None` when there is nothing to take away.
fn without_secrets(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(bytes).ok()?;
    let mut found = false;
    for element in document.get_mut("runtimeSettings")?.as_array_mut()? {
        let protected = element.get_mut("handlerSettings").and_then(|settings| settings.get_mut("protectedSettings"));
        if let Some(protected) = protected.filter(|value| !value.is_null() && value.as_str() != Some("")) {
            *protected = Value::String(String::new());
            found = true;
        }
    }
    if found { serde_json::to_vec(&document).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_protected_part_goes() {
        let text = r#"{"runtimeSettings":[{"handlerSettings":{"publicSettings":{"a":1},"protectedSettings":"AAAA","protectedSettingsCertThumbprint":"AB"}}]}"#;
        let scrubbed = without_secrets(text.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(scrubbed.clone()).unwrap(), text.replace("AAAA", ""));
        assert_eq!(without_secrets(&scrubbed), None, "once is enough");
        for other in ["", "[]", "{}", r#"{"runtimeSettings":[{"handlerSettings":{}}]}"#] {
            assert_eq!(without_secrets(other.as_bytes()), None);
        }
    }
}
