//! Who this machine was is taken from its disk.

use std::fs;
use std::io;
use std::path::Path;

use agent_protocol::envelope;

use super::InstallError;
use crate::layout::Layout;

/// Deletes the credential, the machine's key and everything else that an enrolment left in the agent's state. Handlers stay.
/// True when the machine was enrolled.
///
/// # Errors
/// The disk refuses.
pub(super) fn forget(layout: &Layout) -> Result<bool, InstallError> {
    forget_but(layout, &[])
}

/// The same, but files of these names in the agent's state stay.
///
/// # Errors
/// The disk refuses.
pub(crate) fn forget_but(layout: &Layout, kept: &[&str]) -> Result<bool, InstallError> {
    let enrolled = layout.credential().exists();
    keys_of_handlers(layout)?;
    let installed = ["lock", "install.json", "waagent.conf.original"];
    everything_but(&layout.state, &[&installed, kept].concat())?;
    Ok(enrolled)
}

/// The copies of key and certificate in the library.
fn keys_of_handlers(layout: &Layout) -> Result<(), InstallError> {
    let pem = fs::read_to_string(layout.machine_certificate()).unwrap_or_default();
    let Ok(der) = envelope::certificate_from_pem(&pem) else { return Ok(()) };
    let thumbprint = envelope::thumbprint(&der);
    for ending in ["crt", "prv"] {
        super::remove_file(&layout.library.join(format!("{thumbprint}.{ending}")))?;
    }
    Ok(())
}

/// Deletes what is in a folder, but not what is called like one of `kept`. A folder that is not there is empty.
///
/// # Errors
/// The disk refuses.
pub(crate) fn everything_but(folder: &Path, kept: &[&str]) -> Result<(), InstallError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(InstallError::io("list", folder))?,
    };
    for entry in entries {
        let entry = entry.map_err(InstallError::io("list", folder))?;
        if kept.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let path = entry.path();
        let is_folder = entry.file_type().map_err(InstallError::io("look at", &path))?.is_dir();
        let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(InstallError::io("delete", &path))?;
    }
    Ok(())
}
