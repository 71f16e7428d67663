//! What was read from the database, kept as long as it is what reading again would give.
//!
//! Pages are read far more often than anything changes, and one change makes every open tab read the same list. The
//! database itself says whether something has changed ([`store::DataVersion`]), so what is kept is never stale: not by
//! another process, not by another tool on the same file. Only what the rows say is kept; what depends on the time or on
//! who asks is made from them anew.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use store::{DataVersion, Store};

use crate::Error;

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
        let version = store.version().await?;
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
