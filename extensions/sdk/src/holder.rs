//! Who holds a lease: a process named so that its number, reused by another process, is not mistaken for it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{self, Pid, Signal};
use serde::{Deserialize, Serialize};

use crate::atomic::{self, Durability};

/// A process and what it works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// The number of the process, which leads its own session.
    pub process: i32,
    /// When it began, in clock ticks since boot: tells it from a later process of the same number.
    pub began: u64,
    /// The package it was started from.
    pub root: PathBuf,
    /// The settings it works on.
    pub sequence: u64,
}

impl Holder {
    /// The running process itself.
    #[must_use]
    pub fn this_process(root: &Path, sequence: u64) -> Self {
        let process = process::getpid().as_raw_nonzero().get();
        Self { process, began: began(process).unwrap_or_default(), root: root.to_path_buf(), sequence }
    }

    /// A process that this one started just now, with what it works on.
    #[must_use]
    pub fn of_child(child: Pid, root: &Path, sequence: u64) -> Self {
        let process = child.as_raw_nonzero().get();
        Self { process, began: began(process).unwrap_or_default(), root: root.to_path_buf(), sequence }
    }

    /// Notes the holder in `path`.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_vec(self).map_err(io::Error::other)?;
        atomic::write(path, &text, 0o600, Durability::Ordinary)
    }

    /// Reads what [`Holder::write`] noted.
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Whether this very process still runs.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        began(self.process).is_some_and(|began| began == self.began)
    }

    /// Asks the process to end. When it has not within `grace`, ends it and everything in its session by force.
    /// True when it is gone.
    #[must_use]
    pub fn stop(&self, grace: Duration) -> bool {
        let Some(process) = Pid::from_raw(self.process).filter(|_| self.is_alive()) else { return true };
        // it may be gone by now, which is what we want
        let _ = process::kill_process(process, Signal::TERM);
        if self.wait_gone(grace) {
            return true;
        }
        for member in session_of(self.process) {
            let _ = process::kill_process(member, Signal::KILL);
        }
        let _ = process::kill_process(process, Signal::KILL);
        self.wait_gone(grace)
    }

    /// Ends the process group that the process leads, by force. Nothing happens when the process is gone.
    pub fn end_group(&self) {
        if let Some(group) = Pid::from_raw(self.process).filter(|_| self.is_alive()) {
            // it may be gone by now, which is what we want
            let _ = process::kill_process_group(group, Signal::KILL);
        }
    }

    fn wait_gone(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while self.is_alive() {
            if Instant::now() >= deadline {
                return false;
            }
            // nobody tells a process about the end of one that is not its child
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }
}

/// Field 22 of `/proc/<process>/stat`; `None` for a process that is gone or only waits to be reaped.
fn began(process: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let state = field(&stat, 3)?;
    (state != "Z" && state != "X").then_some(())?;
    field(&stat, 22)?.parse().ok()
}

/// All processes in the session that `leader` leads.
fn session_of(leader: i32) -> Vec<Pid> {
    let leader = leader.to_string();
    let numbers =
        fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
    numbers
        .filter(|number| {
            let stat = fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
            field(&stat, 6) == Some(leader.as_str())
        })
        .filter_map(|number| Pid::from_raw(number.parse().ok()?))
        .collect()
}

/// A field of `/proc/<process>/stat` by its number in proc(5), from 3 on.
fn field(stat: &str, number: usize) -> Option<&str> {
    // the name in field 2 may hold blanks and brackets
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(number - 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    fn holder_of(child: &std::process::Child) -> Holder {
        let process = i32::try_from(child.id()).unwrap();
        Holder { process, began: began(process).unwrap(), root: "/".into(), sequence: 1 }
    }

    #[test]
    fn this_process_lives_and_is_noted() {
        let folder = tempfile::tempdir().unwrap();
        let holder = Holder::this_process(Path::new("/p"), 3);
        assert!(holder.is_alive());
        holder.write(&folder.path().join("h")).unwrap();
        assert_eq!(Holder::read(&folder.path().join("h")), Some(holder));
    }

    #[test]
    fn another_process_with_the_number_is_not_the_holder() {
        let mut holder = Holder::this_process(Path::new("/p"), 3);
        holder.began += 1;
        assert!(!holder.is_alive());
        assert!(holder.stop(Duration::from_millis(10)), "nothing to stop, and the other process must live on");
    }

    #[test]
    fn stops_also_what_ignores_the_request() {
        for script in ["sleep 60", "trap '' TERM; while :; do sleep 0.05; done"] {
            let mut child = Command::new("/bin/sh")
                .args(["-c", script])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            assert!(holder_of(&child).stop(Duration::from_secs(1)));
            child.wait().unwrap();
        }
    }
}
