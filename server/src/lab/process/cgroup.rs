//! A cap on the number of processes, where the host lets us set one.
//!
//! As root the usual limit on processes per user does not count, so a fork bomb in a machine would fill the host's
//! table. Both cgroup layouts are served; where neither is writable nothing is capped.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// Processes and threads that one machine may have at a time.
pub(super) const MOST_PROCESSES: u64 = 2048;

/// Where the `pids` controller may be: cgroup 2, then cgroup 1.
const ROOTS: [&str; 3] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids"];

/// Puts this process, and so its children, into the machine's group.
pub(super) fn enter(machine: &str) {
    for root in ROOTS.map(Path::new) {
        if enter_under(root, machine).is_ok() {
            return;
        }
    }
}

fn enter_under(root: &Path, machine: &str) -> io::Result<()> {
    if fs::read_to_string(root.join("cgroup.controllers")).is_ok_and(|all| all.split(' ').any(|c| c.trim() == "pids")) {
        fs::write(root.join("cgroup.subtree_control"), "+pids")?;
    } else if !root.ends_with("pids") {
        return Err(io::ErrorKind::NotFound.into());
    }
    let group = group(root, machine);
    match fs::create_dir(&group) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
        _ => {}
    }
    fs::write(group.join("pids.max"), MOST_PROCESSES.to_string())?;
    fs::write(group.join("cgroup.procs"), std::process::id().to_string())
}

/// Removes the group of a machine that has ended. It may be busy for a moment after the last process is gone.
pub(in super::super) fn remove(machine: &str) {
    for group in ROOTS.map(|root| group(Path::new(root), machine)) {
        for _ in 0..50 {
            match fs::remove_dir(&group) {
                Err(e) if e.kind() == io::ErrorKind::ResourceBusy => thread::sleep(Duration::from_millis(10)),
                _ => break,
            }
        }
    }
}

fn group(root: &Path, machine: &str) -> PathBuf {
    root.join(format!("annex-lab-{machine}"))
}
