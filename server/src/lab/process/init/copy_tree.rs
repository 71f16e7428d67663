//! Copying what can be read, leaving out what cannot.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
};

/// How to copy.
pub(super) struct CopyTree<'a> {
    /// Not these.
    pub skip: &'a [PathBuf],
    /// Keep owners: only root can.
    pub owners: bool,
}

/// Longer files are not configuration.
const LONGEST: u64 = 16 << 20;

/// Copies files, folders and links. Unreadable, very long and special files are left out.
///
/// Errors: the copy cannot be written.
pub(super) fn copy_tree(from: &Path, to: &Path, task: &CopyTree<'_>) -> io::Result<()> {
    let Ok(seen) = fs::symlink_metadata(from) else { return Ok(()) };
    if task.skip.iter().any(|path| path == from) {
        return Ok(());
    }
    if seen.is_symlink() {
        return match symlink(fs::read_link(from)?, to) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
            _ => Ok(()),
        };
    }
    if seen.is_dir() {
        let Ok(entries) = fs::read_dir(from) else { return Ok(()) };
        fs::create_dir_all(to)?;
        for entry in entries.flatten() {
            copy_tree(&entry.path(), &to.join(entry.file_name()), task)?;
        }
        // The owner must be able to change the copy, whatever the host's owner may.
        fs::set_permissions(to, fs::Permissions::from_mode(seen.mode() & 0o7777 | 0o700))?;
    } else if seen.is_file() && seen.len() <= LONGEST {
        if fs::File::open(from).is_err() {
            return Ok(());
        }
        fs::copy(from, to)?;
    } else {
        return Ok(());
    }
    if task.owners { chown(to, Some(seen.uid()), Some(seen.gid())) } else { Ok(()) }
}
