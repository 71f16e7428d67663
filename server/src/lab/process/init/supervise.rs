//! Process 1 at work: keeps the agent running, buries the dead, ends the machine when told from outside.
//!
//! ```text
//!        token there            ended well: token removed
//!  start ───────────► enrol ─────────────────────────────► run ──ended──► wait 3 s ──► enrol if the token is still
//!    └──no token──► run  └──failed──► run (it may have enrolled before a crash) ──┘     there, else run
//!
//!  SIGTERM from outside: SIGTERM to the agent, then to all others, then the end (the kernel ends what is left)
//! ```

use std::{
    fs, io,
    os::{fd::OwnedFd, unix::process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    pipe::{PipeFlags, pipe_with},
    process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait},
};
use signal_hook::{
    consts::{SIGCHLD, SIGINT, SIGTERM},
    iterator::{SignalsInfo, exfiltrator::WithOrigin},
};

use super::{
    super::{
        super::socket::SOCKET_NAME,
        step::{During, StepError},
    },
    console,
    identity::TOKEN,
    others::{others, signal_others},
};

/// How long after its end the agent is started again.
const PAUSE: Duration = Duration::from_secs(3);
/// How long the agent may take to end, and then everything else. The server waits a little longer than both.
const AGENT_GRACE: Duration = Duration::from_secs(2);
const GRACE: Duration = Duration::from_secs(2);

/// What process 1 keeps running.
pub(super) struct Duties {
    agent: PathBuf,
    portal: String,
    /// Lies here until the machine has enrolled.
    pub token: PathBuf,
    environment: Vec<(&'static str, PathBuf)>,
    bare: bool,
}

impl Duties {
    /// In a machine.
    pub fn in_machine(agent: &str, socket: &str) -> Self {
        Self {
            agent: agent.into(),
            portal: format!("unix:{socket}"),
            token: TOKEN.into(),
            environment: vec![("HOME", "/root".into()), ("USER", "root".into()), ("SHELL", "/bin/sh".into())],
            bare: false,
        }
    }

    /// Without namespaces: the agent keeps everything under `root`.
    pub fn bare(agent: &Path, portal: &Path, root: &Path) -> Self {
        Self {
            agent: agent.into(),
            portal: format!("unix:{}", portal.join(SOCKET_NAME).display()),
            token: root.join(TOKEN.trim_start_matches('/')),
            environment: vec![
                ("HOME", root.into()),
                ("ANNEX_AGENT_STATE_DIR", root.join("var/lib/annex-agent")),
                ("ANNEX_AGENT_LIBRARY_DIR", root.join("var/lib/waagent")),
                ("ANNEX_AGENT_LOG_DIR", root.join("var/log/azure")),
            ],
            bare: true,
        }
    }

    fn command(&self, enrol: bool) -> Command {
        let mut command = Command::new(&self.agent);
        if enrol {
            // By environment, not by argument: others may read arguments.
            let token = fs::read_to_string(&self.token).unwrap_or_default();
            command.arg("enrol").arg(&self.portal).env("ANNEX_AGENT_TOKEN", token.trim());
        } else {
            command.arg("run");
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value))).current_dir("/");
        command
    }
}

/// Signals that process 1 acts on.
pub(super) struct Signals(SignalsInfo<WithOrigin>);

enum Event {
    /// Some child ended.
    Child,
    /// The machine shall end.
    End,
}

impl Signals {
    /// From here on they are kept for [`supervise`]; before, process 1 ignores them by the kernel's rule.
    pub fn install() -> io::Result<Self> {
        SignalsInfo::new([SIGCHLD, SIGTERM, SIGINT]).map(Self)
    }

    /// A process inside cannot end the machine: for the kernel a sender outside of our process namespace is number 0.
    fn listen(mut self, bare: bool) -> io::Result<Receiver<Event>> {
        let (sender, events) = channel();
        thread::Builder::new().name("signals".into()).spawn(move || {
            for origin in self.0.forever() {
                let outside = bare || origin.process.is_some_and(|process| process.pid == 0);
                let event = match origin.signal {
                    SIGCHLD => Event::Child,
                    _ if outside => Event::End,
                    _ => continue,
                };
                if sender.send(event).is_err() {
                    return;
                }
            }
        })?;
        Ok(events)
    }
}

/// Runs until the machine shall end.
pub(super) fn supervise(signals: Signals, duties: &Duties) -> Result<(), StepError> {
    let events = signals.listen(duties.bare).during("listening for signals")?;
    let (output, console) = pipe_with(PipeFlags::CLOEXEC).during("making the console pipe")?;
    console::copy(output).during("starting the console")?;
    let mut enrolling = duties.token.exists();
    let mut agent = start(duties, enrolling, &console);
    let mut next = Instant::now() + PAUSE;
    loop {
        // With an agent running only events matter; without one, the moment at which it starts again.
        let patience = if agent.is_some() { PAUSE } else { next.saturating_duration_since(Instant::now()) };
        match events.recv_timeout(patience) {
            Ok(Event::End) => break,
            Err(RecvTimeoutError::Disconnected) => break,
            Ok(Event::Child) | Err(RecvTimeoutError::Timeout) => {}
        }
        // Also by time: several signals may arrive as one.
        if let Some(status) = bury(agent) {
            let well = status.exit_status() == Some(0);
            if enrolling {
                if well {
                    let _ = fs::remove_file(&duties.token);
                }
                enrolling = false;
                agent = start(duties, false, &console);
            } else {
                console::say(&format!("annex-agent {}; starting it again in {} s", ending(status), PAUSE.as_secs()));
                agent = None;
            }
            next = Instant::now() + PAUSE;
        }
        if agent.is_none() && Instant::now() >= next {
            enrolling = duties.token.exists();
            agent = start(duties, enrolling, &console);
            next = Instant::now() + PAUSE;
        }
    }
    end(agent, &events, duties.bare);
    Ok(())
}

fn start(duties: &Duties, enrol: bool, console: &OwnedFd) -> Option<Pid> {
    let started = console.try_clone().and_then(|out| Ok((out, console.try_clone()?))).and_then(|(out, err)| {
        duties.command(enrol).process_group(0).stdin(Stdio::null()).stdout(out).stderr(err).spawn()
    });
    match started {
        Ok(child) => i32::try_from(child.id()).ok().and_then(Pid::from_raw),
        Err(trouble) => {
            console::say(&format!("{} does not start: {trouble}", duties.agent.display()));
            None
        }
    }
}

/// Takes note of every child that has ended; answers how `agent` did, if it was among them.
fn bury(agent: Option<Pid>) -> Option<WaitStatus> {
    let mut found = None;
    while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
        if Some(pid) == agent {
            found = Some(status);
        }
    }
    found
}

fn ending(status: WaitStatus) -> String {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (_, Some(signal)) => format!("was ended by signal {signal}"),
        _ => "ended".to_owned(),
    }
}

/// The agent first, so that it does not report what the end of the machine does to its scripts.
fn end(agent: Option<Pid>, events: &Receiver<Event>, bare: bool) {
    if let Some(pid) = agent {
        let _ = kill_process(pid, Signal::TERM);
        wait_until(AGENT_GRACE, events, || bury(agent).is_some());
    }
    signal_others(bare, Signal::TERM);
    let gone = || {
        bury(None);
        others(bare).is_empty()
    };
    if !wait_until(GRACE, events, gone) {
        // In a process namespace the kernel does this when we end.
        signal_others(bare, Signal::KILL);
        wait_until(GRACE, events, gone);
    }
}

/// Until `done` or the time is over; answers which. Not every end of a process is signalled to us, so it looks often.
fn wait_until(longest: Duration, events: &Receiver<Event>, done: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + longest;
    loop {
        if done() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        let _ = events.recv_timeout(Duration::from_millis(10));
    }
}
