//! What was read from the database, kept as long as it is what reading again would give.
//!
//! Pages are read far more often than anything changes, and one change makes every open tab read the same list. The
//! database itself says whether something has changed ([`store::DataVersion`]), so what is kept is never stale: not by
//! another process, not by another tool on the same file. Only what the rows say is kept; what depends on the time or on
//! who asks is made from them anew.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use store::{DataVersion, Store};

use crate::Error;

tokio::task_local! {
    /// The state of the database that the request at hand reads.
    static READ: Arc<OnceLock<DataVersion>>;
}

/// Everything that `work` asks for is as it was at one moment after its beginning: the database is asked only once
/// whether it has changed. `work` changes nothing itself, or it would not see that.
pub async fn reading<F: Future>(work: F) -> F::Output {
    READ.scope(Arc::default(), work).await
}

async fn version(store: &Store) -> Result<DataVersion, Error> {
    let Ok(read) = READ.try_with(Arc::clone) else { return Ok(store.version().await?) };
    if let Some(version) = read.get() {
        return Ok(version.clone());
    }
    let version = store.version().await?;
    Ok(read.get_or_init(|| version).clone())
}

/// Most answers of one kind that are kept, unless it is said otherwise.
const MOST: usize = 16;

/// Answers of one kind, by what was asked.
#[derive(Debug)]
pub(crate) struct Remembered<K, V> {
    kept: Mutex<Kept<K, V>>,
    most: usize,
}

#[derive(Debug)]
struct Kept<K, V> {
    /// The state of the database that they were read from, or an older one.
    version: Option<DataVersion>,
    answers: BTreeMap<K, Arc<V>>,
}

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self::of_many(MOST)
    }
}

impl<K, V> Remembered<K, V> {
    /// Keeps up to `most` answers.
    pub(crate) fn of_many(most: usize) -> Self {
        Self { kept: Mutex::new(Kept { version: None, answers: BTreeMap::new() }), most }
    }
}

impl<K: Ord + Clone, V> Remembered<K, V> {
    /// The answer to `key`: the kept one, or what `read` reads now.
    pub(crate) async fn get<F>(&self, store: &Store, key: &K, read: impl FnOnce() -> F) -> Result<Arc<V>, Error>
    where
        F: Future<Output = Result<V, Error>>,
    {
        // asked before reading: what is committed in between is read, and then kept under a version that is over
        let version = version(store).await?;
        {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.version.as_ref() == Some(&version)
                && let Some(answer) = kept.answers.get(key)
            {
                return Ok(answer.clone());
            }
        }
        let answer = Arc::new(read().await?);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version.as_ref() != Some(&version) || kept.answers.len() >= self.most {
            kept.answers.clear();
            kept.version = Some(version);
        }
        kept.answers.insert(key.clone(), answer.clone());
        Ok(answer)
    }
}
