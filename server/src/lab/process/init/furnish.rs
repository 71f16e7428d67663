//! What every machine has besides its files: /proc, /sys, /dev, /tmp, /run, the way to the portal, and the agent.

use std::path::Path;

use rustix::mount::{MountFlags, mount};

use super::{
    super::{
        spec::MachineSpec,
        step::{During, StepError},
    },
    AGENT_IN_MACHINE, devices,
    mounting::{HARMLESS, bind, bind_read_only, make_file, make_folder, tmpfs},
};

/// Mounts it all under `root`. Must run as process 1 of the machine: /proc shows the processes of whoever mounts it.
pub(super) fn furnish(root: &Path, spec: &MachineSpec) -> Result<(), StepError> {
    let quiet = HARMLESS | MountFlags::NOEXEC;
    let (proc, sys) = (root.join("proc"), root.join("sys"));
    make_folder(&proc)?;
    mount("proc", &proc, "proc", quiet, None).during("mounting /proc")?;
    if !spec.method.user_namespace() {
        guard_proc(&proc)?;
    }
    make_folder(&sys)?;
    if mount("sysfs", &sys, "sysfs", quiet | MountFlags::RDONLY, None).is_err() {
        // With the host's network in a user namespace the kernel refuses a fresh one.
        bind_read_only(Path::new("/sys"), &sys)?;
    }
    devices::make(&root.join("dev"), spec.method)?;
    tmpfs(&root.join("tmp"), "1777", "2g")?;
    tmpfs(&root.join("run"), "0755", "64m")?;
    make_folder(&root.join("run/lock"))?;
    portal(root, spec)?;
    agent(root, spec)
}

/// Host-wide switches in /proc belong to uid 0, which the machine's root is when there is no user namespace.
fn guard_proc(proc: &Path) -> Result<(), StepError> {
    for name in ["bus", "fs", "irq", "sys", "sysrq-trigger"].map(|name| proc.join(name)) {
        if name.exists() {
            bind_read_only(&name, &name)?;
        }
    }
    let secret = ["kcore", "keys", "kmsg", "latency_stats", "sched_debug", "timer_list", "timer_stats"];
    for name in secret.map(|name| proc.join(name)) {
        if name.exists() {
            bind(Path::new("/dev/null"), &name)?;
        }
    }
    for name in ["acpi", "scsi"].map(|name| proc.join(name)) {
        if name.is_dir() {
            mount("tmpfs", &name, "tmpfs", HARMLESS | MountFlags::RDONLY, c"size=0").during("veiling /proc")?;
        }
    }
    Ok(())
}

/// The folder, not the socket: a new server makes a new socket in it.
fn portal(root: &Path, spec: &MachineSpec) -> Result<(), StepError> {
    let target = root.join("run/annex");
    make_folder(&target)?;
    bind_read_only(&spec.portal, &target)
}

fn agent(root: &Path, spec: &MachineSpec) -> Result<(), StepError> {
    let target = root.join(AGENT_IN_MACHINE.trim_start_matches('/'));
    if let Some(folder) = target.parent() {
        make_folder(folder)?;
    }
    make_file(&target)?;
    bind_read_only(&spec.agent, &target)
}
