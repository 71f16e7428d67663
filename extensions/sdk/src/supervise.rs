//! Running a user's command: in a process group of its own, with a deadline, ended as a whole when it must end.
//!
//! ```text
//! Running ──exit──────────────────────────────────────────► Exited | Killed     its background children live on
//!    │ ├──time limit──► TERM to the group ──► grace ──► KILL ──► TimedOut        nothing of the group lives on
//!    │ └──TERM to us──► TERM to the group ──► grace ──► KILL ──► Stopped
//!    └──every so often──► progress
//! ```

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{self, Pid, Signal, WaitId, WaitIdOptions};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

/// What a group has between the request to end and the end by force.
pub const GRACE: Duration = Duration::from_secs(5);

/// How far apart a shutdown's requests to the processes of a machine are at most.
const SHUTDOWN_SPREAD: Duration = Duration::from_millis(500);

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this exit code.
    Exited(i32),
    /// By a signal that was not ours.
    Killed(i32),
    /// By us, when its time was up.
    TimedOut,
    /// By us, when we were told to end.
    Stopped,
}

/// A command with its limits.
#[derive(Debug)]
pub struct Job {
    /// What to run; its streams and folder are set already.
    pub command: Command,
    /// When the whole group is ended.
    pub limit: Duration,
    /// How often progress is reported; `None` for never.
    pub progress_every: Option<Duration>,
}

enum Event {
    Exit,
    Stop,
}

impl Job {
    /// Runs the command to its end. `progress` is called with the time since the start.
    ///
    /// # Errors
    /// When the command cannot be started or waited for.
    pub fn run(self, progress: impl FnMut(Duration)) -> io::Result<Ending> {
        self.run_noting(|_| (), progress)
    }

    /// Like [`Job::run`]; `started` gets the process that leads the group, once it is there.
    ///
    /// # Errors
    /// When the command cannot be started or waited for.
    pub fn run_noting(mut self, started: impl FnOnce(Pid), mut progress: impl FnMut(Duration)) -> io::Result<Ending> {
        let (sender, events) = mpsc::channel();
        let signals = watch_signals(sender.clone())?;
        let start = Instant::now();
        let mut child = self.command.process_group(0).spawn()?;
        let group = Pid::from_child(&child);
        started(group);
        thread::spawn(move || {
            wait_without_reaping(group);
            // nobody listens once the job is over
            let _ = sender.send(Event::Exit);
        });
        let ending = self.wait(&mut child, group, &events, start, &mut progress);
        signals.close();
        ending
    }

    fn wait(
        &self,
        child: &mut Child,
        group: Pid,
        events: &Receiver<Event>,
        started: Instant,
        progress: &mut impl FnMut(Duration),
    ) -> io::Result<Ending> {
        let mut next_report = self.progress_every;
        loop {
            let elapsed = started.elapsed();
            if elapsed >= self.limit {
                end_group(group, events);
                child.wait()?;
                return Ok(Ending::TimedOut);
            }
            if let Some(due) = next_report.filter(|due| elapsed >= *due) {
                progress(elapsed);
                next_report = self.progress_every.map(|every| due + every);
                continue;
            }
            let until = next_report.map_or(self.limit, |due| due.min(self.limit));
            match events.recv_timeout(until.saturating_sub(elapsed)) {
                Ok(Event::Exit) => {
                    let status = child.wait()?;
                    let ending = match status.code() {
                        Some(code) => Ending::Exited(code),
                        None => Ending::Killed(status.signal().unwrap_or_default()),
                    };
                    return Ok(if is_asked_to_end(ending) && is_stop_near(events) { Ending::Stopped } else { ending });
                }
                Ok(Event::Stop) => {
                    end_group(group, events);
                    child.wait()?;
                    return Ok(Ending::Stopped);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(io::Error::other("the command can no longer be watched"));
                }
            }
        }
    }
}

/// Whether the command ended because somebody asked it to; a shell passes that on as an exit code.
fn is_asked_to_end(ending: Ending) -> bool {
    matches!(ending, Ending::Killed(SIGTERM) | Ending::Exited(143))
}

/// A shutdown asks all processes of a machine at once: our own turn may come a moment after the command's.
fn is_stop_near(events: &Receiver<Event>) -> bool {
    matches!(events.recv_timeout(SHUTDOWN_SPREAD), Ok(Event::Stop))
}

/// Blocks until the process has ended, but leaves it unreaped: while it is, its number and its group's cannot be given
/// to anything else.
fn wait_without_reaping(process: Pid) {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while matches!(process::waitid(WaitId::Pid(process), options), Err(rustix::io::Errno::INTR)) {}
}

/// Asks the whole group to end, waits for its leader, then ends what is left by force.
fn end_group(group: Pid, events: &Receiver<Event>) {
    // an empty group is what we want
    let _ = process::kill_process_group(group, Signal::TERM);
    let deadline = Instant::now() + GRACE;
    while let Ok(Event::Stop) = events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {}
    let _ = process::kill_process_group(group, Signal::KILL);
}

fn watch_signals(sender: mpsc::Sender<Event>) -> io::Result<Handle> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let handle = signals.handle();
    thread::spawn(move || {
        for _ in signals.forever() {
            if sender.send(Event::Stop).is_err() {
                return;
            }
        }
    });
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Stdio;

    fn job(script: &str, limit: Duration) -> Job {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::null());
        Job { command, limit, progress_every: None }
    }

    #[test]
    fn tells_how_a_command_ended() {
        let long = Duration::from_secs(30);
        assert_eq!(job("exit 3", long).run(|_| ()).unwrap(), Ending::Exited(3));
        assert_eq!(job("kill -9 $$", long).run(|_| ()).unwrap(), Ending::Killed(9));
        assert_eq!(job("true", long).run(|_| ()).unwrap(), Ending::Exited(0));
    }

    #[test]
    fn the_time_limit_ends_the_whole_group() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("child");
        let script = format!("sleep 300 & echo $! > {}; wait", file.display());
        assert_eq!(job(&script, Duration::from_millis(300)).run(|_| ()).unwrap(), Ending::TimedOut);
        let child = std::fs::read_to_string(file).unwrap();
        let deadline = Instant::now() + Duration::from_secs(5);
        while std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).is_ok_and(|stat| !stat.contains(") Z ")) {
            assert!(Instant::now() < deadline, "the background child of a timed-out command lives on");
            thread::yield_now();
        }
    }

    #[test]
    fn reports_progress_while_it_runs() {
        let mut reports = 0;
        let mut job = job("sleep 0.5", Duration::from_secs(30));
        job.progress_every = Some(Duration::from_millis(100));
        job.run(|_| reports += 1).unwrap();
        assert!(reports >= 2, "{reports}");
    }

    #[test]
    fn background_children_of_a_command_that_ended_live_on() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("child");
        let script = format!("sleep 300 & echo $! > {}", file.display());
        assert_eq!(job(&script, Duration::from_secs(30)).run(|_| ()).unwrap(), Ending::Exited(0));
        let child: i32 = std::fs::read_to_string(file).unwrap().trim().parse().unwrap();
        let child = Pid::from_raw(child).unwrap();
        assert!(process::test_kill_process(child).is_ok());
        process::kill_process(child, Signal::KILL).unwrap();
    }
}
