//! Manifests and packages for waagent. A package is checked here against what the server signed: waagent itself would run
//! whatever it is given.
//!
//! ```text
//! manifest: from the server, kept; the kept one while it is away
//! package:  downloading ──whole──► hash and signature right ──► handed out (and kept for an hour, for a second try)
//!                │                        └ wrong ──► 404, which waagent takes as final
//!                └── takes longer than waagent waits: 503, it asks again, and the download goes on
//! ```

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent_protocol::{ExtensionManifest, PublishedVersion, signature};
use tokio::sync::watch;
use tokio::time::timeout;

use super::Relay;
use super::answer::{self, Answer};
use super::store::RelayStore;
use crate::packages::MAX_PACKAGE_BYTES;
use crate::transport::{Request, TransportError};

/// waagent waits 10 s, at its first attempt 5 s.
const PATIENCE: Duration = Duration::from_secs(4);
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(15 * 60);

/// Downloads that are under way, by content.
#[derive(Debug, Default)]
pub(super) struct Downloads(Mutex<HashMap<String, watch::Receiver<Option<Outcome>>>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Ready,
    Refused,
    Failed,
}

impl Relay {
    /// `GET /annex/packages/{handler}/manifest.xml`.
    pub(super) async fn manifest(&self, path_and_query: &str, handler: &str) -> Answer {
        let Some(name) = RelayStore::manifest(handler) else { return answer::not_found() };
        match self.upstream.get(path_and_query).await {
            Ok(document) => {
                self.store.keep(&name, &document);
                answer::xml(document)
            }
            Err(error) if error.status() == Some(404) => answer::not_found(),
            Err(error) => {
                tracing::warn!(%error, handler, "the extension manifest cannot be fetched");
                self.store.read(&name).map_or_else(answer::try_again, answer::xml)
            }
        }
    }

    /// `GET /annex/packages/{handler}/{sha256}.zip`.
    pub(super) async fn package(self: &Arc<Self>, path: &str, handler: &str, sha256: &str) -> Answer {
        let Some(entry) = self.published(handler, sha256) else { return answer::not_found() };
        let file = self.store.package(sha256);
        if !file.exists() {
            let mut download = self.download(path, handler, sha256, entry);
            let outcome = timeout(PATIENCE, download.wait_for(Option::is_some)).await;
            let outcome = outcome.ok().and_then(Result::ok).and_then(|seen| *seen);
            match outcome {
                Some(Outcome::Ready) => {}
                Some(Outcome::Refused) => return answer::not_found(),
                Some(Outcome::Failed) | None => return answer::try_again(),
            }
        }
        match tokio::fs::read(&file).await {
            Ok(content) => answer::bytes(content),
            Err(error) => {
                tracing::error!(%error, path = %file.display(), "a package cannot be read back");
                answer::try_again()
            }
        }
    }

    /// What the server's manifest says about this content.
    fn published(&self, handler: &str, sha256: &str) -> Option<PublishedVersion> {
        let manifest = ExtensionManifest::parse(&self.store.read(&RelayStore::manifest(handler)?)?).ok()?;
        let mut all = manifest.versions.into_iter().chain(manifest.internal);
        all.find(|entry| entry.sha256.as_deref().is_some_and(|hash| hash.eq_ignore_ascii_case(sha256)))
    }

    /// Joins the download that is under way, or begins one. It goes on when nobody waits any more.
    fn download(
        self: &Arc<Self>,
        path: &str,
        handler: &str,
        sha256: &str,
        entry: PublishedVersion,
    ) -> watch::Receiver<Option<Outcome>> {
        let mut running = self.downloads.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(download) = running.get(sha256) {
            return download.clone();
        }
        let (tell, download) = watch::channel(None);
        running.insert(sha256.to_owned(), download.clone());
        let (relay, path, handler, sha256) = (Arc::clone(self), path.to_owned(), handler.to_owned(), sha256.to_owned());
        tokio::spawn(async move {
            relay.store.tidy();
            let outcome = relay.fetch(&path, &handler, &sha256, &entry).await;
            relay.downloads.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&sha256);
            tell.send_replace(Some(outcome));
        });
        download
    }

    async fn fetch(&self, path: &str, handler: &str, sha256: &str, entry: &PublishedVersion) -> Outcome {
        let file = self.store.package(sha256);
        let part = file.with_extension("part");
        let request = Request::get(path).within(DOWNLOAD_LIMIT);
        if let Err(error) = self.upstream.transfer().save(&request, &part, MAX_PACKAGE_BYTES).await {
            tracing::error!(%error, handler, version = entry.version, "the package cannot be downloaded");
            return if refused(&error) { Outcome::Refused } else { Outcome::Failed };
        }
        let key = self.credential.package_key.clone();
        let (name, checked, entry) = (handler.to_owned(), part.clone(), entry.clone());
        let verdict = tokio::task::spawn_blocking(move || check(&key, &name, &checked, &entry)).await;
        let verdict = verdict.unwrap_or_else(|error| Err(error.to_string()));
        if let Err(reason) = verdict.and_then(|()| std::fs::rename(&part, &file).map_err(|error| error.to_string())) {
            tracing::error!(reason, handler, "the package is not handed to waagent");
            let _ = std::fs::remove_file(&part);
            return Outcome::Refused;
        }
        Outcome::Ready
    }
}

fn refused(error: &TransportError) -> bool {
    !error.is_transient()
}

/// Hash and signature.
fn check(key: &str, handler: &str, file: &PathBuf, entry: &PublishedVersion) -> Result<(), String> {
    let (Some(wanted), Some(signed)) = (&entry.sha256, &entry.signature) else {
        return Err(format!("the server did not sign {handler} {}", entry.version));
    };
    let hash = File::open(file).and_then(|mut file| signature::sha256_hex_of(&mut file));
    let hash = hash.map_err(|error| error.to_string())?;
    if !hash.eq_ignore_ascii_case(wanted) {
        return Err(format!("{handler} {} is not what the server signed: its SHA-256 is {hash}", entry.version));
    }
    signature::verify(key, handler, &entry.version, &hash, signed).map_err(|error| error.to_string())
}
