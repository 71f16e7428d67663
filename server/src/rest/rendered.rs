//! Documents as bytes, kept as long as they would come out the same.
//!
//! Programs that wait for something ask for the same machine or extension again and again, and a machine with ten extensions
//! is 13 KiB of JSON: writing it costs more than all the rest of the request. What it is written from is compared, not guessed.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use axum::{
    body::Bytes,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use control::{ExtensionSeen, VmSeen};
use domain::{
    fault::{Fault, FaultKind},
    ids::VmId,
};
use serde::Serialize;

/// Bytes that are kept altogether of one kind.
const MOST: usize = 16 * 1024 * 1024;

/// What is kept, without and with the instance view.
#[derive(Debug, Default)]
pub struct Rendered {
    pub(super) vms: Documents<(VmId, bool), VmSeen>,
    pub(super) extensions: Documents<((VmId, usize), bool), ExtensionSeen>,
}

/// Documents of one kind, each with what it was made from.
#[derive(Debug)]
pub(super) struct Documents<K, S>(Mutex<Kept<K, S>>);

#[derive(Debug)]
struct Kept<K, S> {
    bytes: usize,
    documents: HashMap<K, (S, Bytes)>,
}

impl<K, S> Default for Kept<K, S> {
    fn default() -> Self {
        Self { bytes: 0, documents: HashMap::new() }
    }
}

impl<K, S> Default for Documents<K, S> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, S: PartialEq> Documents<K, S> {
    /// The document that was made from what `seen` is now.
    pub(super) fn get(&self, key: &K, seen: &S) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (made_from, document) = kept.documents.get(key)?;
        (made_from == seen).then(|| document.clone())
    }

    /// Writes `body`, which was made from `seen`, and keeps it.
    pub(super) fn keep(&self, key: K, seen: S, body: &impl Serialize) -> Result<Bytes, Fault> {
        let broken = |why: serde_json::Error| Fault::new(FaultKind::Internal, "InternalServerError", why.to_string());
        let document = Bytes::from(serde_json::to_vec(body).map_err(broken)?);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + document.len() > MOST {
            *kept = Kept::default();
        }
        kept.bytes += document.len();
        if let Some((_, old)) = kept.documents.insert(key, (seen, document.clone())) {
            kept.bytes = kept.bytes.saturating_sub(old.len());
        }
        Ok(document)
    }
}

/// The answer that holds a document.
pub(super) fn answer(document: Bytes) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], document).into_response()
}
