//! Into new namespaces. Only ever called by single-threaded programs.

use std::{
    fs,
    io::{self, Read, Write},
    process::{Command, Stdio},
};

use rustix::{
    mount::{MountPropagationFlags, mount_change},
    process::{getgid, getuid},
    thread::{UnshareFlags, unshare_unsafe},
};

use super::{
    super::method::Method,
    MAP_IDS,
    step::{During, StepError},
};

/// Namespaces for a machine: afterwards this process has its own mounts, host name and so on, and its next child is
/// process 1 of a new process namespace.
pub(super) fn enter_machine(method: Method, outside_network: bool) -> Result<(), StepError> {
    if method.user_namespace() {
        enter_user(method)?;
    }
    let mut flags = UnshareFlags::NEWNS | UnshareFlags::NEWPID | UnshareFlags::NEWUTS | UnshareFlags::NEWIPC;
    flags.set(UnshareFlags::NEWNET, !outside_network);
    unshare(flags).during("making namespaces")?;
    // Hides the names of the host's control groups; kernels without it do without it.
    let _ = unshare(UnshareFlags::NEWCGROUP);
    // Nothing mounted from here on may reach the host's own mount table.
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).during("keeping mounts apart")
}

/// A user namespace in which this process is root.
pub(super) fn enter_user(method: Method) -> Result<(), StepError> {
    let (uid, gid) = (getuid().as_raw(), getgid().as_raw());
    if method == Method::UserRange {
        return enter_user_with_range();
    }
    unshare(UnshareFlags::NEWUSER).during("making a user namespace")?;
    // Required before an unprivileged process may map its group.
    fs::write("/proc/self/setgroups", "deny").during("writing setgroups")?;
    fs::write("/proc/self/uid_map", format!("0 {uid} 1")).during("mapping the user id")?;
    fs::write("/proc/self/gid_map", format!("0 {gid} 1")).during("mapping the group id")
}

/// Ranges may only be mapped from outside, by the set-uid programs newuidmap and newgidmap: a helper that stays outside
/// runs them once we are inside.
fn enter_user_with_range() -> Result<(), StepError> {
    let mut helper = Command::new("/proc/self/exe")
        .arg(MAP_IDS)
        .arg(std::process::id().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .during("starting the id mapper")?;
    unshare(UnshareFlags::NEWUSER).during("making a user namespace")?;
    if let Some(mut go) = helper.stdin.take() {
        go.write_all(b"go").during("waking the id mapper")?;
    }
    let mut trouble = String::new();
    if let Some(mut out) = helper.stdout.take() {
        out.read_to_string(&mut trouble).during("hearing from the id mapper")?;
    }
    if helper.wait().during("waiting for the id mapper")?.success() {
        return Ok(());
    }
    Err(io::Error::other(trouble.trim().to_owned())).during("mapping the range of /etc/subuid")
}

#[expect(unsafe_code, reason = "unshare is unsafe only for UnshareFlags::FILES, which is never passed")]
fn unshare(flags: UnshareFlags) -> rustix::io::Result<()> {
    // SAFETY: without FILES no descriptor table is split; and the programs that call this have one thread.
    unsafe { unshare_unsafe(flags) }
}
