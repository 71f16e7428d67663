//! What must hold before a package leaves the house: what an agent, or the people who read the marketplace, would
//! otherwise stumble over.

use agent_protocol::{ExtensionImage, HandlerManifest};
use regex_lite::{NoExpand, Regex};

use super::{Entry, PackError};
use crate::image::FILE_NAME as IMAGE;

const MANIFEST: &str = "HandlerManifest.json";

fn refused<T>(words: impl Into<String>) -> Result<T, PackError> {
    Err(PackError::Refused(words.into()))
}

fn find<'a>(entries: &'a [Entry], name: &str) -> Result<&'a [u8], PackError> {
    let entry = entries.iter().find(|entry| entry.name == name);
    entry
        .map(|entry| entry.bytes.as_slice())
        .ok_or_else(|| PackError::Refused(format!("the package has no {name} at its root")))
}

/// Checks manifest and catalogue entry.
pub(super) fn check(entries: &[Entry]) -> Result<(), PackError> {
    let bytes = find(entries, MANIFEST)?;
    let words = |error: agent_protocol::ParseError| PackError::Refused(error.to_string());
    let faults = HandlerManifest::lint(bytes).map_err(words)?;
    if !faults.is_empty() {
        return refused(format!("{MANIFEST}: {}", faults.join("; ")));
    }
    let commands = HandlerManifest::parse(bytes).map_err(words)?.handler_manifest;
    for command in [
        commands.install_command,
        commands.enable_command,
        commands.update_command,
        commands.disable_command,
        commands.uninstall_command,
    ] {
        let program = command.split_ascii_whitespace().next().unwrap_or_default();
        if !entries.iter().any(|entry| entry.name == program) {
            return refused(format!("{MANIFEST} runs {program}, which is not in the package"));
        }
    }
    ExtensionImage::parse_checked(find(entries, IMAGE)?).map_err(words)?;
    Ok(())
}

/// Sets `architectures` in the catalogue entry to the one of the program, in the text, so that the order of
/// everything else stays as it was written.
pub(super) fn set_architecture(entries: &mut [Entry], architecture: &str) -> Result<(), PackError> {
    let Some(entry) = entries.iter_mut().find(|entry| entry.name == IMAGE) else {
        return refused(format!("the package has no {IMAGE} at its root"));
    };
    let text = String::from_utf8_lossy(&entry.bytes).into_owned();
    let list =
        Regex::new(r#""architectures"\s*:\s*\[[^\]]*\]"#).map_err(|error| PackError::Refused(error.to_string()))?;
    if !list.is_match(&text) {
        return refused(format!("{IMAGE} has no list of architectures"));
    }
    let stated = format!("\"architectures\": [\"{architecture}\"]");
    entry.bytes = list.replace(&text, NoExpand(&stated)).into_owned().into_bytes();
    Ok(())
}
