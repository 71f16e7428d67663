//! All runs of this machine that still have something to say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_protocol::{Acknowledged, RunKey, RunRecords};
use tokio::sync::Notify;

use super::file::{JournalError, JournalFile};
use super::run::{Run, RunInner};
use super::tail::Watcher;

/// The journals of one machine. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Journals(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    runs: Mutex<BTreeMap<RunKey, Arc<RunInner>>>,
    changed: Arc<Notify>,
    watcher: Arc<Watcher>,
}

/// Records that the server does not have yet.
pub type Pending = Vec<RunRecords>;

impl Journals {
    /// Opens the folder (created if missing) and reads what a former life left there.
    ///
    /// # Errors
    /// The folder cannot be made or read. A single unreadable journal is logged and left alone.
    pub fn open(dir: &Path) -> Result<Self, JournalError> {
        let error = |source| JournalError::Io { action: "open", path: dir.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(error)?;
        let mut runs = BTreeMap::new();
        let changed = Arc::new(Notify::new());
        let watcher = Arc::new(Watcher::default());
        for entry in std::fs::read_dir(dir).map_err(error)? {
            let path = entry.map_err(error)?.path();
            if path.extension().is_none_or(|extension| extension != "jsonl") {
                continue;
            }
            match JournalFile::open(path.clone()) {
                Ok(Some(file)) => {
                    let key = file.state.key.clone();
                    runs.insert(key, Arc::new(RunInner::new(file, Arc::clone(&changed), Arc::clone(&watcher))));
                }
                Ok(None) => tracing::warn!(path = %path.display(), "an empty journal is ignored"),
                Err(error) => tracing::error!(%error, "a journal is left alone"),
            }
        }
        changed.notify_one();
        Ok(Self(Arc::new(Inner { dir: dir.to_owned(), runs: Mutex::new(runs), changed, watcher })))
    }

    /// The journal of a run: begun, or taken up where a former life or an earlier application of the same goal state
    /// left it.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn run(&self, key: &RunKey) -> Result<Run, JournalError> {
        let mut runs = self.runs();
        if let Some(inner) = runs.get(key) {
            inner.reopen()?;
            return Ok(Run(Arc::clone(inner)));
        }
        let file = JournalFile::create(self.path(key), key.clone())?;
        let (changed, watcher) = (Arc::clone(&self.0.changed), Arc::clone(&self.0.watcher));
        let inner = Arc::new(RunInner::new(file, changed, watcher));
        runs.insert(key.clone(), Arc::clone(&inner));
        Ok(Run(inner))
    }

    /// Runs that are not over, oldest incarnation first: after a start, those that a former life left.
    #[must_use]
    pub fn open_runs(&self) -> Vec<RunKey> {
        self.runs().iter().filter(|(_, run)| !run.is_over()).map(|(key, _)| key.clone()).collect()
    }

    /// Waits until there may be something new to send. Returns at once when something was written since the last call.
    pub async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// What the server does not have yet, about `budget` bytes of it, oldest incarnation first.
    #[must_use]
    pub fn pending(&self, budget: usize) -> Pending {
        let runs: Vec<_> = self.runs().values().cloned().collect();
        let mut left = budget;
        let mut pending = Pending::new();
        for run in runs {
            if left == 0 {
                break;
            }
            // half of what is left: a run that the server does not take must not keep the others waiting
            match run.pending(left.div_ceil(2)) {
                Ok((records, _)) if records.records.is_empty() => {}
                Ok((records, size)) => {
                    left = left.saturating_sub(size);
                    pending.push(records);
                }
                Err(error) => tracing::error!(%error, "records are not sent"),
            }
        }
        pending
    }

    /// Takes the server's answer: everything below `next` is stored there. Runs that are over and stored are shrunk to
    /// what a later application of the same goal state needs.
    pub fn acknowledge(&self, acknowledged: &[Acknowledged]) {
        for Acknowledged { key, next } in acknowledged {
            let run = self.runs().get(key).cloned();
            if let Some(Err(error)) = run.map(|run| run.acknowledge(*next)) {
                tracing::error!(%error, "the journal is not shrunk");
            }
        }
    }

    /// Deletes settled journals of incarnations before this one: nobody will write to them again.
    pub fn forget_before(&self, incarnation: u64) {
        self.runs().retain(|key, run| key.incarnation >= incarnation || !run.delete_if_settled());
    }

    fn path(&self, key: &RunKey) -> PathBuf {
        let name = agent_protocol::signature::sha256_hex(format!("{}\0{}", key.handler, key.extension).as_bytes());
        self.0.dir.join(format!("{:020}-{}.jsonl", key.incarnation, &name[..16]))
    }

    fn runs(&self) -> MutexGuard<'_, BTreeMap<RunKey, Arc<RunInner>>> {
        self.0.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
