//! The root of a machine as root makes it: an overlay of the host's root, with everything veiled that is the host
//! owner's business rather than the operating system's.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    super::{
        spec::{MachineSpec, Purpose},
        step::{During, StepError},
    },
    mount_table,
    mounting::{make_folder, overlay},
    veil::Veil,
};

/// Mounts it at `root`.
pub(super) fn build(root: &Path, spec: &MachineSpec) -> Result<(), StepError> {
    let disk = spec.folder.join("disk");
    let layers = layers(&disk, "root")?;
    if spec.purpose == Purpose::Run {
        veil(&layers.join("upper"), spec).during("hiding the host's own files")?;
    }
    overlay(Path::new("/"), &layers, root, "")?;
    hide_files(root, &layers.join("upper"), spec);
    if spec.purpose == Purpose::Run {
        add_mounts(root, &disk)?;
    }
    Ok(())
}

fn layers(disk: &Path, name: &str) -> Result<PathBuf, StepError> {
    let layers = disk.join(name);
    make_folder(&layers.join("upper"))?;
    make_folder(&layers.join("work"))?;
    Ok(layers)
}

/// The parts of the operating system among the folders of `/`. /dev, /proc, /run, /sys, /tmp get mounts of their own.
const SYSTEM: &[&str] =
    &["bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "opt", "proc", "run", "sbin", "sys", "tmp", "usr", "var"];

/// What packages keep under /var/lib, so that package managers know what is installed.
const PACKAGE_STATE: &[&str] = &[
    "alternatives",
    "apt",
    "dnf",
    "dpkg",
    "emacsen-common",
    "misc",
    "pacman",
    "pam",
    "rpm",
    "sgml-base",
    "shells.state",
    "ucf",
    "xml-core",
    "yum",
];

fn veil(upper: &Path, spec: &MachineSpec) -> std::io::Result<()> {
    let veil = Veil { host: Path::new("/"), upper };
    veil.folders_but(Path::new(""), SYSTEM)?;
    veil.folders_but(Path::new("var"), &["cache", "lib"])?;
    veil.folders_but(Path::new("var/cache"), &["debconf", "ldconfig"])?;
    veil.folders_but(Path::new("var/lib"), PACKAGE_STATE)?;
    for path in spec.hide.iter().filter(|path| path.is_dir()) {
        veil.folder(path.strip_prefix("/").unwrap_or(path))?;
    }
    Ok(())
}

/// Single files are hidden by removing them in the machine, unless it has made one of that name. Those of the host's `/`
/// itself are never the system's.
fn hide_files(root: &Path, upper: &Path, spec: &MachineSpec) {
    let top = fs::read_dir("/").into_iter().flatten().flatten().map(|entry| entry.path());
    for path in top.chain(spec.hide.iter().cloned()) {
        let inside = path.strip_prefix("/").unwrap_or(&path);
        let is_file = path.symlink_metadata().is_ok_and(|seen| seen.is_file());
        if is_file && upper.join(inside).symlink_metadata().is_err() {
            let _ = fs::remove_file(root.join(inside));
        }
    }
}

/// An overlay stops at mount points: file systems of the host that hold parts of the system get overlays of their own.
fn add_mounts(root: &Path, disk: &Path) -> Result<(), StepError> {
    let parts = ["/etc", "/opt", "/usr", "/var/lib/dpkg", "/var/lib/rpm"];
    for mount in mount_table::read().during("reading the mount table")? {
        let wanted = mount.on_disk() && mount.point.is_dir() && parts.iter().any(|part| mount.point.starts_with(part));
        let Ok(inside) = mount.point.strip_prefix("/") else { continue };
        let target = root.join(inside);
        if wanted && target.is_dir() {
            let name = inside.to_string_lossy().replace('/', "+");
            overlay(&mount.point, &layers(disk, &format!("mount-{name}"))?, &target, "")?;
        }
    }
    Ok(())
}
