//! The files of one instance in a handler's directories.

use std::io;

use super::shared::Shared;
use crate::handler::WantedHandler;
use crate::handler::places::{HandlerHome, replace_file};
use crate::handler::record::Record;

/// Writes the settings files of every enabled instance.
pub fn write_all_settings(handler: &WantedHandler, home: &HandlerHome) -> io::Result<()> {
    let mut enabled = handler.extensions.iter().filter(|extension| extension.enabled);
    enabled.try_for_each(|extension| write_settings(handler, home, &extension.key))
}

/// Writes one settings file. Handlers may have blanked secrets in it, and choose the newest by time: so always anew.
pub fn write_settings(handler: &WantedHandler, home: &HandlerHome, key: &str) -> io::Result<()> {
    let Some(extension) = handler.extension(key) else { return Ok(()) };
    let text = extension.settings.as_deref().unwrap_or_default();
    replace_file(&home.settings_file(key, extension.sequence), text.as_bytes())
}

/// A run's output begins with its own enable command: what an earlier run printed under the same number goes.
pub fn drop_old_output(record: &Record, key: &str, home: &HandlerHome) -> io::Result<()> {
    let Some(known) = record.extensions.get(key) else { return Ok(()) };
    if known.run.as_ref().is_none_or(|run| run.incarnation != record.incarnation || run.enable_started.is_some()) {
        return Ok(());
    }
    for stream in ["stdout", "stderr"] {
        match std::fs::remove_file(home.output_file(key, known.sequence, stream)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Deletes the files of an instance that is gone, in every version's directory.
pub fn forget_instance(shared: &Shared, record: &Record, key: &str) -> io::Result<()> {
    for version in record.versions.keys() {
        let home = shared.places.home(&record.handler, version);
        for folder in [home.config(), home.status(), home.output()] {
            for entry in std::fs::read_dir(folder)?.flatten() {
                if is_of(&entry.file_name().to_string_lossy(), key) {
                    std::fs::remove_file(entry.path())?;
                }
            }
        }
    }
    Ok(())
}

/// Whether a file is `<key>.<number>.<ending>`, or `<number>.<ending>` for the instance without a name.
fn is_of(file: &str, key: &str) -> bool {
    let rest = if key.is_empty() { Some(file) } else { file.strip_prefix(key).and_then(|rest| rest.strip_prefix('.')) };
    let mut parts = rest.unwrap_or_default().split('.');
    let number = parts.next().is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    number
        && parts.next().is_some_and(|ending| ["settings", "status", "stdout", "stderr"].contains(&ending))
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn only_an_instances_own_files_are_its_own() {
        assert!(is_of("web.0.settings", "web") && is_of("web.12.stdout", "web") && is_of("3.status", ""));
        for (file, key) in
            [("web.a.0.settings", "web"), ("HandlerState", ""), ("web.0.settings", ""), ("0.status", "web")]
        {
            assert!(!is_of(file, key), "{file} {key}");
        }
        assert!(is_of("web.a.0.settings", "web.a") && !is_of("web.settings", "web"));
    }
}
