//! The records of all handlers: in memory for whoever asks, on disk for the next life of the agent.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::Failure;
use super::places::{Places, private_folder, replace_file};
use super::record::{Outcome, Record};

/// How far the agent is with goal states.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The goal state the records are about; its instances are due, at work or done.
    pub accepted: Option<u64>,
    /// Why the last goal state was not worked on at all.
    pub refused: Option<Failure>,
    /// Whether every step of the accepted goal state was taken.
    pub complete: bool,
}

/// All records. Every change is on disk before it can be seen.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    records: BTreeMap<String, Record>,
    progress: Progress,
}

impl Store {
    /// Reads what the last life of the agent left. A record that can not be read is put aside with a warning: the
    /// handler is then treated as one that nothing is known of.
    ///
    /// # Errors
    /// The folder can not be made or listed.
    pub fn open(places: &Places) -> io::Result<Self> {
        let folder = places.records();
        private_folder(&folder)?;
        let mut inner = Inner::default();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_none_or(|ending| ending != "json") {
                continue;
            }
            match fs::read(&path).map(|bytes| serde_json::from_slice::<Record>(&bytes)) {
                Ok(Ok(record)) => drop(inner.records.insert(record.handler.clone(), checked(record, places))),
                Ok(Err(error)) => {
                    tracing::warn!(path = %path.display(), %error, "a handler's record is unreadable and put aside");
                    fs::rename(&path, path.with_extension("unreadable"))?;
                }
                Err(error) => return Err(error),
            }
        }
        let progress = fs::read(folder.join("progress")).ok();
        inner.progress = progress.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Ok(Self { folder, inner: Mutex::new(inner), changed: Notify::new() })
    }

    /// A copy of one record.
    #[must_use]
    pub fn get(&self, handler: &str) -> Option<Record> {
        self.lock().records.get(handler).cloned()
    }

    /// Copies of all records.
    #[must_use]
    pub fn all(&self) -> Vec<Record> {
        self.lock().records.values().cloned().collect()
    }

    /// How far the agent is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.lock().progress.clone()
    }

    /// Changes one record, which is made when it is not there.
    ///
    /// # Errors
    /// It can not be written; it is then unchanged, in memory too.
    pub fn update<T>(&self, handler: &str, change: impl FnOnce(&mut Record) -> T) -> io::Result<T> {
        let mut inner = self.lock();
        let old = inner.records.get(handler);
        let mut record = old.cloned().unwrap_or_else(|| Record::new(handler));
        let answer = change(&mut record);
        if old != Some(&record) {
            let text = serde_json::to_vec(&record).map_err(io::Error::other)?;
            replace_file(&self.path(handler), &text)?;
            inner.records.insert(handler.to_owned(), record);
            self.changed.notify_one();
        }
        Ok(answer)
    }

    /// Changes one record even when that can not be written, so that at least this life of the agent reports it: the
    /// next one goes on from what was written last.
    pub fn update_even_unsaved(&self, handler: &str, change: impl Fn(&mut Record)) {
        if let Err(error) = self.update(handler, &change) {
            tracing::error!(%error, handler, "a record can not be written");
            change(self.lock().records.entry(handler.to_owned()).or_insert_with(|| Record::new(handler)));
            self.changed.notify_one();
        }
    }

    /// Forgets a handler.
    ///
    /// # Errors
    /// Its record can not be deleted.
    pub fn remove(&self, handler: &str) -> io::Result<()> {
        let mut inner = self.lock();
        match fs::remove_file(self.path(handler)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        inner.records.remove(handler);
        self.changed.notify_one();
        Ok(())
    }

    /// Notes how far the agent is, for reports of this life and, once written, of the next.
    ///
    /// # Errors
    /// It can not be written.
    pub fn set_progress(&self, progress: Progress) -> io::Result<()> {
        let mut inner = self.lock();
        let text = serde_json::to_vec(&progress).map_err(io::Error::other)?;
        inner.progress = progress;
        self.changed.notify_one();
        replace_file(&self.folder.join("progress"), &text)
    }

    /// Waits for the next change of a record.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    fn path(&self, handler: &str) -> PathBuf {
        self.folder.join(format!("{handler}.json"))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A poisoned lock means a panic between two whole changes; the records are sound.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Believes the disk about which versions are there.
fn checked(mut record: Record, places: &Places) -> Record {
    let handler = record.handler.clone();
    let known = record.versions.len();
    record.versions.retain(|version, _| places.home(&handler, version).root.is_dir());
    if record.versions.len() < known {
        tracing::warn!(handler, "a version's directory was deleted from outside");
        if record.current().is_none() {
            record.extensions.values_mut().for_each(|extension| extension.enabled = false);
        }
        if record.outcome == Outcome::Done {
            record.outcome = Outcome::Pending;
        }
    }
    record
}
