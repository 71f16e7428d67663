//! Starting, waiting, killing.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{Finished, Ticket};

/// Holds the lock as standard input, hides it from the command, and notes how that ended.
/// Arguments: 1 the command line, 2 the file for the process id, 3 the file for the exit code.
const AROUND: &str = r#"echo "$$" >"$2"; (eval "$1") </dev/null; code=$?; echo "$code" >"$3"; exit "$code""#;

/// What to run.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// The handler's directory: working directory, and what the command is relative to.
    pub root: &'a Path,
    /// The manifest's command, without a leading slash.
    pub command: &'a str,
    /// What is added to the agent's own environment.
    pub environment: Vec<(&'static str, OsString)>,
    /// How long it may take.
    pub limit: Duration,
}

/// A command that was started by this life of the agent.
#[derive(Debug)]
pub struct Running {
    ticket: Ticket,
    child: Child,
    limit: Duration,
}

/// Starts a command in a session of its own; its output goes into the ticket's files.
///
/// # Errors
/// The folder, the directory or the shell is not there, or the machine is out of something.
pub fn start(ticket: Ticket, order: &Order<'_>) -> io::Result<Running> {
    let lock = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(ticket.lock())?;
    lock.try_lock().map_err(io::Error::from)?;
    let output = |path| OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    let mut command = Command::new("/bin/sh");
    command
        .arg("-c")
        .arg(AROUND)
        .arg("annex-agent")
        .arg(command_line(order.root, order.command))
        .arg(ticket.pid_file())
        .arg(ticket.exit_file())
        .current_dir(order.root)
        .stdin(Stdio::from(lock))
        .stdout(output(ticket.stdout())?)
        .stderr(output(ticket.stderr())?)
        .envs(order.environment.iter().map(|(name, value)| (name, value)));
    own_session(&mut command);
    let child = command.spawn()?;
    Ok(Running { ticket, child, limit: order.limit })
}

#[expect(unsafe_code, reason = "a session of its own can only be made between fork and exec")]
fn own_session(command: &mut Command) {
    // SAFETY: the closure runs in the child between fork and exec; setsid is async-signal-safe and it calls nothing else.
    unsafe {
        command.pre_exec(|| rustix::process::setsid().map(drop).map_err(io::Error::from));
    }
}

/// `'<root>'/<command>`: the directory is quoted, the command is shell text with its arguments.
fn command_line(root: &Path, command: &str) -> OsString {
    let mut line = b"'".to_vec();
    for byte in root.as_os_str().as_encoded_bytes() {
        match byte {
            b'\'' => line.extend_from_slice(b"'\\''"),
            byte => line.push(*byte),
        }
    }
    line.extend_from_slice(b"'/");
    line.extend_from_slice(command.as_bytes());
    OsString::from_vec(line)
}

impl Running {
    /// Waits until the command ends or its time is over.
    ///
    /// # Errors
    /// The system lost the child, which does not happen.
    pub async fn wait(mut self) -> io::Result<Finished> {
        match timeout(self.limit, self.child.wait()).await {
            Ok(status) => {
                let status = status?;
                let by_signal = || 128 + i64::from(status.signal().unwrap_or_default());
                Ok(Finished::Exit(status.code().map_or_else(by_signal, i64::from)))
            }
            Err(_) => {
                self.ticket.note_timeout()?;
                let group = self.child.id().and_then(|id| i32::try_from(id).ok());
                kill(group);
                self.child.wait().await?;
                Ok(Finished::TimedOut)
            }
        }
    }
}

/// What became of a command that an earlier life of the agent started: waits for it when it still runs. `None` when it
/// left no trace of an end.
///
/// # Errors
/// The lock can not be read although it is there.
pub async fn adopt(ticket: &Ticket, limit: Duration) -> io::Result<Option<Finished>> {
    if let Some(finished) = ticket.finished() {
        // A kill that was noted but perhaps not done.
        if finished == Finished::TimedOut && ticket.is_held() {
            kill(ticket.process_group());
        }
        return Ok(Some(finished));
    }
    if !ticket.is_held() {
        return Ok(ticket.finished());
    }
    let lock = File::open(ticket.lock())?;
    let ended = tokio::task::spawn_blocking(move || lock.lock());
    tokio::pin!(ended);
    if timeout(limit.saturating_sub(ticket.age()), &mut ended).await.is_err() {
        ticket.note_timeout()?;
        kill(ticket.process_group());
        ended.await.map_err(io::Error::other)??;
        return Ok(Some(Finished::TimedOut));
    }
    Ok(ticket.finished())
}

fn kill(group: Option<i32>) {
    if let Some(group) = group.and_then(Pid::from_raw)
        && let Err(error) = kill_process_group(group, Signal::KILL)
    {
        tracing::warn!(%error, "the process group of a command over its limit can not be killed");
    }
}
