//! Who the machine is: host name, machine id, accounts, and the token that enrols it. Runs inside, with all rights.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use super::{
    super::{
        spec::MachineSpec,
        step::{During, StepError},
    },
    accounts::{lock_passwords, remove, remove_host_keys},
    copy_tree::{CopyTree, copy_tree},
};

/// Says that a disk has been prepared, and for which machine.
const MARKER: &str = "/etc/annex-lab-machine";
/// The agent's own folder: it owns the token as well.
pub(super) const TOKEN: &str = "/var/lib/annex-agent/enrolment-token";

/// Prepares a new disk; on an old one only what may differ from start to start.
pub(super) fn settle(spec: &MachineSpec, resolver: Option<&[u8]>) -> Result<(), StepError> {
    if fs::read_to_string(MARKER).ok().as_deref().map(str::trim) != Some(spec.id.as_str()) {
        first_start(spec).during("preparing the machine's /etc")?;
        fs::write(MARKER, format!("{}\n", spec.id)).during("marking the disk")?;
    }
    resolve(resolver).during("writing /etc/resolv.conf")?;
    keep_token(spec, Path::new(TOKEN)).during("keeping the enrolment token")
}

fn first_start(spec: &MachineSpec) -> io::Result<()> {
    let etc = Path::new("/etc");
    let name = &spec.host_name;
    let hosts = format!(
        "127.0.0.1\tlocalhost\n127.0.1.1\t{name}\n::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\n"
    );
    let own = [
        ("hostname", format!("{name}\n")),
        ("hosts", hosts),
        ("machine-id", format!("{}\n", spec.id.replace('-', ""))),
        ("fstab", "# A lab machine: its file systems are mounted before it starts.\n".to_owned()),
    ];
    for (file, text) in own {
        // Removed first: it may be a link into a folder that is not there.
        remove(&etc.join(file))?;
        fs::write(etc.join(file), text)?;
    }
    lock_passwords(etc)?;
    remove_host_keys(etc)?;
    let task = CopyTree { skip: &[], owners: false };
    copy_tree(&etc.join("skel"), Path::new("/root"), &task)?;
    fs::create_dir_all("/root")?;
    fs::set_permissions("/root", fs::Permissions::from_mode(0o700))
}

/// Names are looked up where the host looks them up, if there is a network at all.
fn resolve(resolver: Option<&[u8]>) -> io::Result<()> {
    let path = Path::new("/etc/resolv.conf");
    let text = resolver.unwrap_or(b"# This machine has no network but the portal.\n");
    if fs::read(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    remove(path)?;
    fs::write(path, text)
}

/// Puts a new token where only root reads it. Without one an old token stays: it may not have been used yet.
pub(super) fn keep_token(spec: &MachineSpec, path: &Path) -> io::Result<()> {
    let Some(token) = &spec.enrolment_token else { return Ok(()) };
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    remove(path)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(token.reveal().as_bytes())
}
