//! Files that survive `kill -9` and power loss at any point: written aside, synced, renamed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Replaces a file with the owner-only content; afterwards either the old or the new content is on the disk, whole.
///
/// # Errors
/// The disk refuses.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    replace_with_mode(path, content, 0o600)
}

/// The same for a file that others may read: `mode` is its permission bits.
///
/// # Errors
/// The disk refuses.
pub fn replace_with_mode(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    write_aside(path, content, true, mode)?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// The same without waiting for the disk: survives `kill -9`; power loss may bring back the old content.
///
/// # Errors
/// The disk refuses.
pub fn replace_unsynced(path: &Path, content: &[u8]) -> io::Result<()> {
    write_aside(path, content, false, 0o600)
}

fn write_aside(path: &Path, content: &[u8], sync: bool, mode: u32) -> io::Result<()> {
    let mut name = path.file_name().map(ToOwned::to_owned).unwrap_or_default();
    name.push(".new");
    let temporary = path.with_file_name(name);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.write_all(content)?;
    if sync {
        file.sync_all()?;
    }
    fs::rename(&temporary, path)
}

/// Makes a folder and its parents; the folder itself is for its owner only.
///
/// # Errors
/// The disk refuses.
pub fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

/// Reads a file of at most `max` bytes; `None` when it does not exist.
///
/// # Errors
/// The disk refuses, or the file is larger.
pub fn read(path: &Path, max: u64) -> io::Result<Option<Vec<u8>>> {
    use std::io::Read;
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(io::Error::other(format!("{} is larger than {max} bytes", path.display())));
    }
    Ok(Some(bytes))
}
