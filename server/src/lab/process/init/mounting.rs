//! Small steps of mounting that several files need.

use std::{
    ffi::CString,
    fs::{self, File},
    io,
    os::unix::ffi::OsStrExt,
    path::Path,
};

use rustix::{
    fs::{StatVfsMountFlags, statvfs},
    mount::{MountFlags, mount, mount_bind, mount_bind_recursive, mount_remount},
};

use super::{
    super::step::{During, StepError},
    mount_table,
};

/// For file systems that hold neither programs with rights nor devices.
pub(super) const HARMLESS: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);

/// A fresh tmpfs.
pub(super) fn tmpfs(target: &Path, mode: &str, size: &str) -> Result<(), StepError> {
    make_folder(target)?;
    let options = c_string(format!("mode={mode},size={size}"))?;
    mount("tmpfs", target, "tmpfs", HARMLESS, &*options).during(format_args!("mounting {}", target.display()))
}

/// Shows `source` at `target` as well, which must exist.
pub(super) fn bind(source: &Path, target: &Path) -> Result<(), StepError> {
    mount_bind(source, target).during(format_args!("showing {} at {}", source.display(), target.display()))
}

/// The same for reading only, with whatever is mounted below.
pub(super) fn bind_read_only(source: &Path, target: &Path) -> Result<(), StepError> {
    mount_bind_recursive(source, target).during(format_args!(
        "showing {} at {}",
        source.display(),
        target.display()
    ))?;
    for mount in mount_table::read().during("reading the mount table")? {
        if mount.point.starts_with(target) {
            let kept = flags_of(&mount.point).unwrap_or(HARMLESS);
            mount_remount(&mount.point, MountFlags::BIND | MountFlags::RDONLY | kept, c"")
                .during(format_args!("making {} read-only", mount.point.display()))?;
        }
    }
    Ok(())
}

/// The flags of the mount at `path` that a remount must repeat: inside a user namespace they may not be taken off.
pub(in super::super) fn flags_of(path: &Path) -> io::Result<MountFlags> {
    let has = statvfs(path)?.f_flag;
    let pairs = [
        (StatVfsMountFlags::NOSUID, MountFlags::NOSUID),
        (StatVfsMountFlags::NODEV, MountFlags::NODEV),
        (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
        (StatVfsMountFlags::NOATIME, MountFlags::NOATIME),
        (StatVfsMountFlags::NODIRATIME, MountFlags::NODIRATIME),
        (StatVfsMountFlags::RELATIME, MountFlags::RELATIME),
    ];
    Ok(pairs.into_iter().filter(|(seen, _)| has.contains(*seen)).map(|(_, flag)| flag).collect())
}

/// An overlay: what is written to `target` lands in `layers/upper`.
pub(super) fn overlay(lower: &Path, layers: &Path, target: &Path, more: &str) -> Result<(), StepError> {
    let (upper, work) = (layers.join("upper"), layers.join("work"));
    let mut options = b"lowerdir=".to_vec();
    options.extend(escaped(lower));
    options.extend(b",upperdir=");
    options.extend(escaped(&upper));
    options.extend(b",workdir=");
    options.extend(escaped(&work));
    options.extend(more.as_bytes());
    let options = c_string(options)?;
    mount("overlay", target, "overlay", MountFlags::NODEV, &*options)
        .during(format_args!("mounting an overlay of {}", lower.display()))
}

/// Commas end an option, colons a layer; a backslash before them takes that meaning away.
fn escaped(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().iter().fold(Vec::new(), |mut text, byte| {
        if matches!(byte, b',' | b':' | b'\\') {
            text.push(b'\\');
        }
        text.push(*byte);
        text
    })
}

/// Makes a folder and its parents.
pub(super) fn make_folder(path: &Path) -> Result<(), StepError> {
    fs::create_dir_all(path).during(format_args!("making {}", path.display()))
}

/// Makes an empty file to mount on, unless something is there.
pub(super) fn make_file(path: &Path) -> Result<(), StepError> {
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    File::create(path).map(drop).during(format_args!("making {}", path.display()))
}

fn c_string(text: impl Into<Vec<u8>>) -> Result<CString, StepError> {
    CString::new(text).map_err(io::Error::from).during("writing mount options")
}
