//! Writing files that somebody else reads at any moment: a reader sees the old content or the new, never a part.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// How much a crash may take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The content may be the former one after a power cut.
    Ordinary,
    /// The content is on the disk when the call returns; costs a flush.
    Synced,
}

/// Replaces `path` by `bytes` with permission bits `mode`.
///
/// The temporary file lies in the same folder and ends in `.tmp`, so nobody who looks for `*.status` picks it up.
///
/// # Errors
/// When the folder is absent, not writable or full; the old file is untouched then and the temporary one removed.
pub fn write(path: &Path, bytes: &[u8], mode: u32, durability: Durability) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path has no folder"))?;
    let file_name =
        path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path has no name"))?;
    let temporary = folder.join(format!(".{}.{}.tmp", file_name.to_string_lossy(), std::process::id()));
    let written = write_new(&temporary, bytes, mode, durability).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // what matters is the first error; a leftover would only be litter
        let _ = fs::remove_file(&temporary);
        return written;
    }
    if durability == Durability::Synced {
        sync(folder)?;
    }
    Ok(())
}

/// Makes what `path` is and holds outlast a power cut; for a folder, the names in it.
///
/// # Errors
/// When it is absent, or the disk fails.
pub fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn write_new(path: &Path, bytes: &[u8], mode: u32, durability: Durability) -> io::Result<()> {
    // a leftover of a killed process that had our id may be read-only
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(bytes)?;
    if durability == Durability::Synced { file.sync_all() } else { file.flush() }
}

/// Creates `path` and its parents as folders that only their owner may enter (0700).
///
/// # Errors
/// When a part of the path is a file, or the disk refuses.
pub fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn replaces_content_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("7.status");
        write(&path, b"one", 0o600, Durability::Ordinary).unwrap();
        write(&path, b"two", 0o600, Durability::Synced).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_absent_folder_is_an_error_and_leaves_no_litter() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write(&folder.path().join("a/b"), b"x", 0o600, Durability::Ordinary).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
