//! `machine.json`: which process is process 1 of a machine.
//!
//! Process ids are used again, so the start time and the boot id say whether it is still the same one.

use std::{
    fs, io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use serde::{Deserialize, Serialize};

use super::{super::method::Method, stat::Stat};

/// Process 1 of a machine, as the host sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct MachineRecord {
    /// Its process id on the host.
    pub pid: i32,
    /// When it started, in clock ticks since the host booted (`/proc/<pid>/stat`, field 22).
    pub start_ticks: u64,
    /// Which boot of the host that was.
    pub boot_id: String,
    /// How the machine is kept apart.
    pub method: Method,
    /// It shares the host's network.
    pub outside_network: bool,
}

impl MachineRecord {
    /// Describes a process that has just been started.
    pub fn of(pid: i32, method: Method, outside_network: bool) -> io::Result<Self> {
        let start_ticks = Stat::read(pid)?.start_ticks;
        Ok(Self { pid, start_ticks, boot_id: boot_id()?, method, outside_network })
    }

    /// Reads it; `None` if there is none that makes sense.
    pub fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(file(folder)).ok()?).ok()
    }

    /// Writes it so that a reader finds all of it or none of it.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let new = folder.join("machine.json.new");
        fs::write(&new, serde_json::to_vec_pretty(self)?)?;
        fs::rename(new, file(folder))
    }

    /// Removes it; none is fine.
    pub fn remove(folder: &Path) -> io::Result<()> {
        match fs::remove_file(file(folder)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }

    /// A handle on the very process, if it runs.
    pub fn open(&self) -> Option<OwnedFd> {
        let handle = pidfd_open(Pid::from_raw(self.pid)?, PidfdFlags::empty()).ok()?;
        // The id may have been given to another process before it was opened, but not after.
        self.runs().then_some(handle)
    }

    /// Whether it runs. A zombie does not.
    pub fn runs(&self) -> bool {
        let alive = |stat: Stat| stat.start_ticks == self.start_ticks && !stat.ended();
        Stat::read(self.pid).is_ok_and(alive) && boot_id().is_ok_and(|id| id == self.boot_id)
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("machine.json")
}

fn boot_id() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_more_than_its_number() {
        let me = i32::try_from(std::process::id()).expect("process ids are small");
        let record = MachineRecord::of(me, Method::Overlay, false).expect("own process");
        assert!(record.runs() && record.open().is_some());
        assert!(!MachineRecord { start_ticks: record.start_ticks + 1, ..record.clone() }.runs());
        assert!(!MachineRecord { boot_id: "other".into(), ..record }.runs());
    }
}
