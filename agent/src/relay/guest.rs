//! What the relay knows of waagent itself, for the server to show.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::hold::{Conversation, HOLD};

/// waagent as it has shown itself.
#[derive(Debug)]
pub struct Guest {
    proc: PathBuf,
    pid_file: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    version: Option<String>,
    fetched: Option<Instant>,
    reported: Option<Instant>,
    talk: Conversation,
}

impl Guest {
    /// Looks for waagent's process below `root`.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { proc: root.join("proc"), pid_file: root.join("run/waagent.pid"), known: Mutex::default() }
    }

    /// `User-Agent: WALinuxAgent/2.16.0.2` says the version.
    pub fn heard(&self, user_agent: Option<&str>) {
        let version = user_agent.and_then(|text| text.strip_prefix("WALinuxAgent/"));
        let version = version.map(|text| text.split([' ', '(']).next().unwrap_or_default().to_owned());
        if let Some(version) = version.filter(|version| !version.is_empty()) {
            self.known().version = Some(version);
        }
    }

    /// Works on the conversation.
    pub fn talk<T>(&self, work: impl FnOnce(&mut Conversation, Option<&str>) -> T) -> T {
        let mut known = self.known();
        let version = known.version.clone();
        work(&mut known.talk, version.as_deref())
    }

    /// It fetched a goal state.
    pub fn fetched(&self) {
        self.known().fetched = Some(Instant::now());
    }

    /// It reported; `at_work`: an extension is not at its end yet.
    pub fn reported(&self, at_work: bool) {
        let mut known = self.known();
        known.reported = Some(Instant::now());
        known.talk.reported(at_work);
    }

    /// Adds what is known to what is said to the server.
    pub fn describe(&self, contact: &mut agent_protocol::AgentContact) {
        let process = self.process();
        let known = self.known();
        let ago = |at: Option<Instant>| at.and_then(|at| u64::try_from(at.elapsed().as_millis()).ok());
        contact.version.clone_from(&known.version);
        contact.fetched_ms_ago = ago(known.fetched);
        contact.reported_ms_ago = ago(known.reported);
        contact.next_ms = u64::try_from(HOLD.as_millis()).ok();
        contact.process_runs = Some(process.is_some());
        contact.life = process;
    }

    /// waagent's daemon: its process number and when it began, as one word.
    fn process(&self) -> Option<String> {
        let pid: u32 = std::fs::read_to_string(&self.pid_file).ok()?.trim().parse().ok()?;
        let folder = self.proc.join(pid.to_string());
        let command = std::fs::read_to_string(folder.join("cmdline")).ok()?;
        let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
        // the name in brackets may hold blanks; the 20th word after it is the start time
        let began = stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(19)?.to_owned();
        command.contains("waagent").then(|| format!("{pid}-{began}"))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Guest;

    #[test]
    fn the_version_is_in_the_user_agent() {
        let root = tempfile::tempdir().unwrap();
        let guest = Guest::new(root.path());
        let version = || {
            let mut contact = agent_protocol::AgentContact::default();
            guest.describe(&mut contact);
            (contact.version, contact.process_runs)
        };
        guest.heard(Some("curl/8"));
        assert_eq!(version(), (None, Some(false)));
        guest.heard(Some("WALinuxAgent/2.7.3.0"));
        assert_eq!(version().0.as_deref(), Some("2.7.3.0"));
        let folder = root.path().join("proc/41");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::create_dir_all(root.path().join("run")).unwrap();
        std::fs::write(root.path().join("run/waagent.pid"), "41\n").unwrap();
        std::fs::write(folder.join("cmdline"), "python3\0-u\0/usr/sbin/waagent\0-daemon\0").unwrap();
        std::fs::write(folder.join("stat"), "41 (py (x) 3) S 1 41 41 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 777 1 1\n")
            .unwrap();
        let mut contact = agent_protocol::AgentContact::default();
        guest.describe(&mut contact);
        assert_eq!((contact.life.as_deref(), contact.process_runs), (Some("41-777"), Some(true)));
    }
}
