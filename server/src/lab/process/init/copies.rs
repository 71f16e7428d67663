//! The root of a machine as ordinary users can make it: programs shared with the host, everything else a private copy.
//!
//! ```text
//!  /         <folder>/disk/top: mount points, links, and what the machine puts there
//!            bin lib sbin ... ─► as on the host (mostly links into usr), read-only
//!            usr              ─► overlay of the host's if the kernel lets us, else read-only with its own usr/local
//!            opt              ─► the host's, read-only
//!            etc var home root srv ─► <folder>/disk/..., writable, kept
//! ```

use std::{
    fs, io,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use super::{
    super::{
        super::method::Method,
        spec::{MachineSpec, Purpose},
        step::{During, StepError},
    },
    copy_tree::{CopyTree, copy_tree},
    mounting::{bind, bind_read_only, make_folder, overlay, tmpfs},
};

/// Mounts it at `root`.
pub(super) fn build(root: &Path, spec: &MachineSpec) -> Result<(), StepError> {
    let disk = spec.folder.join("disk");
    make_folder(&disk)?;
    if spec.purpose == Purpose::Run && !disk.join("complete").exists() {
        fill(&disk, spec).during("copying the host's /etc")?;
    }
    let top = disk.join("top");
    make_folder(&top)?;
    bind(&top, root)?;
    for name in ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "opt"] {
        share(root, name)?;
    }
    programs(root, &disk.join("usr"), spec.method)?;
    for name in PRIVATE {
        let (own, target) = (disk.join(name), root.join(name));
        make_folder(&own)?;
        make_folder(&target)?;
        bind(&own, &target)?;
    }
    for name in ["media", "mnt"] {
        make_folder(&root.join(name))?;
    }
    for hidden in spec.hide.iter().filter(|path| path.is_dir()) {
        let target = root.join(hidden.strip_prefix("/").unwrap_or(hidden));
        if target.is_dir() {
            tmpfs(&target, "0755", "4k")?;
        }
    }
    Ok(())
}

/// Folders that each machine has for itself.
const PRIVATE: &[&str] = &["etc", "var", "home", "root", "srv"];

/// A link of the host stays a link; a folder is shown for reading.
fn share(root: &Path, name: &str) -> Result<(), StepError> {
    let (host, target) = (Path::new("/").join(name), root.join(name));
    if let Ok(link) = fs::read_link(&host) {
        return link_once(&link, &target).during(format_args!("linking {}", target.display()));
    }
    if host.is_dir() {
        make_folder(&target)?;
        bind_read_only(&host, &target)?;
    }
    Ok(())
}

/// `/usr`: writable through an overlay where the kernel permits one.
fn programs(root: &Path, layers: &Path, method: Method) -> Result<(), StepError> {
    let (host, target) = (Path::new("/usr"), root.join("usr"));
    make_folder(&target)?;
    make_folder(&layers.join("work"))?;
    // Folders of the upper layer keep their own owner when merged; those of the host belong to nobody in here, and
    // nothing could be made in them.
    let writable = ["bin", "sbin", "lib", "share", "local"].into_iter().map(str::to_owned);
    let local = ["bin", "sbin", "lib", "share", "etc"].into_iter().map(|name| format!("local/{name}"));
    make_folder(&layers.join("upper"))?;
    for name in writable.chain(local) {
        if fs::symlink_metadata(host.join(&name)).is_ok_and(|seen| seen.is_dir()) {
            make_folder(&layers.join("upper").join(name))?;
        }
    }
    let more = if method.user_namespace() { ",userxattr" } else { "" };
    if overlay(host, layers, &target, more).is_ok() {
        return Ok(());
    }
    bind_read_only(host, &target)?;
    let local = layers.join("upper/local");
    make_folder(&local.join("bin"))?;
    bind(&local, &target.join("local"))
}

/// Fills a new disk.
fn fill(disk: &Path, spec: &MachineSpec) -> io::Result<()> {
    let task = CopyTree { skip: &spec.hide, owners: !spec.method.user_namespace() };
    copy_tree(Path::new("/etc"), &disk.join("etc"), &task)?;
    for name in ["backups", "cache", "lib/misc", "local", "log", "mail", "opt", "spool", "tmp"] {
        fs::create_dir_all(disk.join("var").join(name))?;
    }
    fs::set_permissions(disk.join("var/tmp"), fs::Permissions::from_mode(0o1777))?;
    for (name, target) in [("run", "/run"), ("lock", "/run/lock")] {
        link_once(Path::new(target), &disk.join("var").join(name))?;
    }
    // So that `dpkg -l` and the like know what is installed; package files' lists are left out for their size.
    for name in ["status", "arch", "diversions", "statoverride", "alternatives"] {
        let from = Path::new("/var/lib/dpkg").join(name);
        fs::create_dir_all(disk.join("var/lib/dpkg/info"))?;
        if from.exists() {
            copy_tree(&from, &disk.join("var/lib/dpkg").join(name), &task)?;
        }
    }
    fs::create_dir_all(disk.join("home"))?;
    fs::write(disk.join("complete"), "")
}

fn link_once(target: &Path, link: &Path) -> io::Result<()> {
    match symlink(target, link) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}
