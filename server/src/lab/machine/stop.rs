//! Stopping a machine: every process in it ends.

use std::{
    io,
    os::fd::OwnedFd,
    path::Path,
    time::{Duration, Instant},
};

use domain::ids::VmId;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, Signal, WaitOptions, kill_process, pidfd_send_signal, waitpid},
};

use super::{
    super::{
        LabError,
        method::Method,
        process::{MARK, MachineRecord, remove_cgroup},
    },
    Lab,
};

/// What process 1 may take to end its machine; it kills what has not ended after 4 s itself.
const GRACE: Duration = Duration::from_secs(7);
/// What the kernel may take after SIGKILL.
const KILL_GRACE: Duration = Duration::from_secs(10);

impl Lab {
    /// Ends it; not running is fine.
    pub(super) async fn stop_machine(&self, id: VmId) -> Result<(), LabError> {
        let _turn = self.turn(id).await;
        self.end_machine(id).await
    }

    /// The same for who has the turn already.
    pub(super) async fn end_machine(&self, id: VmId) -> Result<(), LabError> {
        let folder = self.inner.folders.machine(id);
        let Some(record) = MachineRecord::read(&folder) else { return Ok(()) };
        if let Some(process) = record.open() {
            let ended = tokio::task::spawn_blocking(move || end_process(&process, record.pid)).await;
            ended.map_err(io::Error::other).map_err(LabError::file(&folder))??;
            tracing::info!(%id, "lab machine stopped");
        }
        // Only does something if the machine is our own child's orphan and we are the one who inherits orphans.
        if let Some(pid) = Pid::from_raw(record.pid) {
            let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        }
        let (name, bare) = (id.to_string(), record.method == Method::Bare);
        let clean = move || {
            if bare {
                kill_marked(&name);
            }
            remove_cgroup(&name);
        };
        let _ = tokio::task::spawn_blocking(clean).await;
        MachineRecord::remove(&folder).map_err(LabError::file(folder))
    }
}

/// A process descriptor becomes readable when the process has ended; for process 1 of a namespace that is after
/// everything else in it.
fn end_process(process: &OwnedFd, pid: i32) -> Result<(), LabError> {
    let failed = |source: Errno| LabError::Signal { pid, source: source.into() };
    for (signal, patience) in [(Signal::TERM, GRACE), (Signal::KILL, KILL_GRACE)] {
        match pidfd_send_signal(process, signal) {
            Err(Errno::SRCH) => return Ok(()),
            sent => sent.map_err(failed)?,
        }
        let deadline = Instant::now() + patience;
        loop {
            let left = Timespec::try_from(deadline.saturating_duration_since(Instant::now())).ok();
            match poll(&mut [PollFd::new(process, PollFlags::IN)], left.as_ref()) {
                Ok(0) => break,
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(e) => return Err(failed(e)),
            }
        }
    }
    Err(LabError::Unkillable(pid))
}

/// Ends processes of a machine without namespaces that outlived its process 1 (it was killed): they carry a mark in
/// their environment.
fn kill_marked(id: &str) {
    let mark = format!("{MARK}={id}");
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw) else {
            continue;
        };
        let environment = std::fs::read(Path::new("/proc").join(entry.file_name()).join("environ")).unwrap_or_default();
        if environment.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes()) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}
