//! Veils: folders in the upper layer of an overlay that are marked opaque, so that what the host has there is not seen.
//!
//! Only where the upper layer has nothing yet: a machine may have made a folder of the same name, or removed it.

use std::{
    fs::{self, DirBuilder, Metadata},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
    path::Path,
};

use rustix::fs::{XattrFlags, getxattr, setxattr};

/// What overlayfs marks folders with that hide those of the same name below.
const OPAQUE: &str = "trusted.overlay.opaque";

fn is_opaque(folder: &Path) -> bool {
    let mut value = [0; 8];
    getxattr(folder, OPAQUE, &mut value[..]).is_ok_and(|length| value.get(..length) == Some(b"y"))
}

/// Veils parts of `host` in `upper`.
pub(super) struct Veil<'a> {
    /// The lower layer.
    pub host: &'a Path,
    /// The upper layer, not mounted yet.
    pub upper: &'a Path,
}

impl Veil<'_> {
    /// Veils every folder in `parent` (relative) whose name is not listed.
    pub fn folders_but(&self, parent: &Path, kept: &[&str]) -> io::Result<()> {
        let Ok(entries) = fs::read_dir(self.host.join(parent)) else { return Ok(()) };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let listed = name.to_str().is_some_and(|name| kept.contains(&name));
            if !listed && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.folder(&parent.join(name))?;
            }
        }
        Ok(())
    }

    /// Veils one folder (relative). Inside /var the folders below are shown empty: programs expect their log folders.
    pub fn folder(&self, path: &Path) -> io::Result<()> {
        let Ok(seen) = fs::metadata(self.host.join(path)) else { return Ok(()) };
        let veil = self.upper.join(path);
        if veil.symlink_metadata().is_ok() || path.ancestors().any(|above| is_opaque(&self.upper.join(above))) {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.mirror_parents(parent)?;
        }
        make_alike(&veil, &seen)?;
        setxattr(&veil, OPAQUE, b"y", XattrFlags::empty())?;
        if path.starts_with("var") && !path.starts_with("var/lib") {
            empty_folders(&self.host.join(path), &veil, 2);
        }
        Ok(())
    }

    /// Folders on the way to a veil stay see-through.
    fn mirror_parents(&self, path: &Path) -> io::Result<()> {
        let copy = self.upper.join(path);
        if copy.symlink_metadata().is_ok() {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.mirror_parents(parent)?;
        }
        make_alike(&copy, &fs::metadata(self.host.join(path))?)
    }
}

/// A folder with the same owner and rights.
fn make_alike(folder: &Path, like: &Metadata) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(folder)?;
    chown(folder, Some(like.uid()), Some(like.gid()))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(like.mode() & 0o7777))
}

/// Repeats folders, without files, a few levels deep. What cannot be repeated is left out.
fn empty_folders(from: &Path, to: &Path, levels: u32) {
    let entries = fs::read_dir(from).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        let copy = to.join(entry.file_name());
        let made = entry.metadata().and_then(|like| make_alike(&copy, &like));
        if made.is_ok() && levels > 1 {
            empty_folders(&entry.path(), &copy, levels - 1);
        }
    }
}
