//! What handlers have written: status files and heartbeats, as last seen.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use agent_protocol::status::SettingsStatus;
use agent_protocol::status_file::MAX_STATUS_FILE_BYTES;
use agent_protocol::{Heartbeat, StatusFile};

/// A file of a handler, as last seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen<T> {
    /// The last content that could be understood.
    pub good: Option<T>,
    /// Since when, and why, the file can not be understood; a half-written file is so for a moment.
    pub broken: Option<(Instant, String)>,
    /// When the file was modified, if it is there.
    pub modified: Option<SystemTime>,
    /// Since when the file is looked for.
    pub since: Instant,
}

impl<T> Seen<T> {
    fn nothing() -> Self {
        Self { good: None, broken: None, modified: None, since: Instant::now() }
    }

    /// Why the content counts as wrong by now: it was so for longer than `grace`.
    #[must_use]
    pub fn wrong(&self, grace: Duration) -> Option<&str> {
        self.broken.as_ref().filter(|(since, _)| since.elapsed() >= grace).map(|(_, reason)| reason.as_str())
    }

    fn enter(&mut self, read: io::Result<Option<(Result<T, String>, SystemTime)>>) {
        let result = match read {
            Ok(None) => {
                (self.good, self.broken, self.modified) = (None, None, None);
                return;
            }
            Ok(Some((result, modified))) => {
                self.modified = Some(modified);
                result
            }
            Err(error) => Err(format!("the file can not be read: {error}")),
        };
        match result {
            Ok(content) => (self.good, self.broken) = (Some(content), None),
            Err(reason) => {
                let since = self.broken.as_ref().map_or_else(Instant::now, |(since, _)| *since);
                self.broken = Some((since, reason));
            }
        }
    }
}

/// All files that were looked at.
#[derive(Debug, Default)]
pub struct SeenFiles {
    statuses: Mutex<HashMap<PathBuf, Seen<SettingsStatus>>>,
    beats: Mutex<HashMap<PathBuf, Seen<Heartbeat>>>,
}

impl SeenFiles {
    /// What was last seen of a status file.
    #[must_use]
    pub fn status(&self, path: &Path) -> Option<Seen<SettingsStatus>> {
        lock(&self.statuses).get(path).cloned()
    }

    /// What was last seen of a heartbeat file.
    #[must_use]
    pub fn beat(&self, path: &Path) -> Option<Seen<Heartbeat>> {
        lock(&self.beats).get(path).cloned()
    }

    /// Looks at a status file now.
    pub fn look_at_status(&self, path: &Path) {
        let read = read(path, |bytes| StatusFile::parse(bytes).map(|file| file.0).map_err(|error| error.to_string()));
        lock(&self.statuses).entry(path.to_owned()).or_insert_with(Seen::nothing).enter(read);
    }

    /// Looks at a heartbeat file now.
    pub fn look_at_beat(&self, path: &Path) {
        let read = read(path, |bytes| Heartbeat::parse(bytes).map_err(|error| error.to_string()));
        lock(&self.beats).entry(path.to_owned()).or_insert_with(Seen::nothing).enter(read);
    }

    /// Forgets the files that nobody asks for any more.
    pub fn retain(&self, wanted: impl Fn(&Path) -> bool) {
        lock(&self.statuses).retain(|path, _| wanted(path));
        lock(&self.beats).retain(|path, _| wanted(path));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Parsed<T> = Option<(Result<T, String>, SystemTime)>;

fn read<T>(path: &Path, parse: impl FnOnce(&[u8]) -> Result<T, String>) -> io::Result<Parsed<T>> {
    let file = match fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let modified = file.metadata()?.modified()?;
    let mut bytes = Vec::new();
    file.take(MAX_STATUS_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Some((parse(&bytes), modified)))
}
