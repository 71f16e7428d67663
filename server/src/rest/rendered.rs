//! Documents about machines as bytes, kept as long as they would come out the same.
//!
//! Programs that wait for something ask for the same machine again and again, and a machine with ten extensions is 13 KiB of
//! JSON: writing it costs more than all the rest of the request. What it is written from is compared, not guessed.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::body::Bytes;
use control::VmSeen;
use domain::ids::VmId;

/// Bytes that are kept altogether.
const MOST: usize = 16 * 1024 * 1024;

/// Documents by machine, with and without its instance view.
#[derive(Debug, Default)]
pub struct Rendered(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    bytes: usize,
    documents: HashMap<(VmId, bool), (VmSeen, Bytes)>,
}

impl Rendered {
    /// The document that was made from what `seen` is now.
    pub(super) fn get(&self, seen: &VmSeen, expanded: bool) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (made_from, document) = kept.documents.get(&(seen.vm.id, expanded))?;
        made_from.is_same(seen).then(|| document.clone())
    }

    /// Keeps a document.
    pub(super) fn keep(&self, seen: VmSeen, expanded: bool, document: Bytes) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + document.len() > MOST {
            *kept = Kept::default();
        }
        kept.bytes += document.len();
        if let Some((_, old)) = kept.documents.insert((seen.vm.id, expanded), (seen, document)) {
            kept.bytes = kept.bytes.saturating_sub(old.len());
        }
    }
}
