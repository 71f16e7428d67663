//! Finding and reading `HandlerManifest.json`.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use agent_protocol::HandlerManifest;
use agent_protocol::handler_manifest::UpdateMode;

use crate::handler::plan::Step;
use crate::handler::record::Traits;
use crate::handler::{Failure, codes};

const NAME: &str = "HandlerManifest.json";

/// Makes sure that the manifest lies at the top of `root`: it may come in any sub-directory.
///
/// # Errors
/// 1002 when there is none.
pub fn lift_manifest(root: &Path) -> Result<(), Failure> {
    let top = root.join(NAME);
    if top.is_file() {
        return Ok(());
    }
    let missing = |detail: String| Failure::new(codes::HANDLER_MANIFEST_MISSING, detail);
    let found = find(root).map_err(|error| missing(format!("the package can not be searched for {NAME}: {error}")))?;
    let found = found.ok_or_else(|| missing(format!("the package contains no {NAME}")))?;
    fs::copy(found, top).map_err(|error| missing(format!("{NAME} can not be copied to the top: {error}")))?;
    Ok(())
}

/// The manifest nearest to the top, in the order of names.
fn find(root: &Path) -> io::Result<Option<PathBuf>> {
    let mut folders = VecDeque::from([root.to_owned()]);
    while let Some(folder) = folders.pop_front() {
        let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let kind = entry.file_type()?;
            if kind.is_file() && entry.file_name() == NAME {
                return Ok(Some(entry.path()));
            }
            if kind.is_dir() {
                folders.push_back(entry.path());
            }
        }
    }
    Ok(None)
}

/// Reads the manifest of an unpacked version.
///
/// # Errors
/// 1002 when it is not there, 1003 when it can not be understood.
pub fn read_manifest(path: &Path) -> Result<HandlerManifest, Failure> {
    let bytes = fs::read(path).map_err(|error| {
        Failure::new(codes::HANDLER_MANIFEST_MISSING, format!("{} can not be read: {error}", path.display()))
    })?;
    HandlerManifest::parse(&bytes).map_err(|error| Failure::new(codes::HANDLER_MANIFEST_BROKEN, error.to_string()))
}

/// What planning needs to know of it.
#[must_use]
pub fn traits_of(manifest: &HandlerManifest) -> Traits {
    let commands = &manifest.handler_manifest;
    Traits {
        multi: commands.supports_multiple_extensions,
        update_without_install: commands.update_mode == UpdateMode::UpdateWithoutInstall,
        continue_on_update_failure: commands.continue_on_update_failure,
        heartbeat: commands.report_heartbeat,
    }
}

/// The command that a step runs, relative to the handler's directory.
#[must_use]
pub fn command_of<'a>(manifest: &'a HandlerManifest, step: &Step) -> Option<&'a str> {
    let commands = &manifest.handler_manifest;
    let line = match step {
        Step::Install { .. } => &commands.install_command,
        Step::Enable { .. } => &commands.enable_command,
        Step::Update { .. } => &commands.update_command,
        Step::Disable { .. } => &commands.disable_command,
        Step::Uninstall { .. } => &commands.uninstall_command,
        Step::Fetch { .. }
        | Step::CarryOver { .. }
        | Step::Remove { .. }
        | Step::SkipInstall { .. }
        | Step::Forget { .. } => return None,
    };
    Some(line.trim().trim_start_matches('/'))
}
