//! What the relay keeps on disk, so that a reboot while the server is away makes waagent forget nothing.
//!
//! ```text
//! /var/lib/annex-agent/relay/
//!     goal.xml               the extensions configuration last handed out; it names its incarnation
//!     instance.json          what IMDS says
//!     manifests/<handler>    extension manifests
//!     packages/<sha256>      packages that waagent is about to fetch; checked, removed after an hour
//!     status.json            the last status document that the server has not confirmed
//! ```

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::files;

/// Nothing that is kept is larger, packages aside.
const MAX_KEPT: u64 = 32 * 1024 * 1024;
const PACKAGE_LIFE: Duration = Duration::from_secs(3600);

/// The folder.
#[derive(Clone, Debug)]
pub struct RelayStore {
    folder: PathBuf,
}

impl RelayStore {
    /// Makes the folder, for root's eyes only.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        for part in ["manifests", "packages"] {
            files::private_folder(&folder.join(part))?;
        }
        files::private_folder(&folder)?;
        Ok(Self { folder })
    }

    /// A kept document.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.folder.join(name);
        match files::read(&path, MAX_KEPT) {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "a kept document cannot be read");
                None
            }
        }
    }

    /// Keeps a document; what cannot be kept is said and does not stop the work.
    pub fn keep(&self, name: &str, content: &[u8]) {
        let path = self.folder.join(name);
        if let Err(error) = files::replace(&path, content) {
            tracing::warn!(%error, path = %path.display(), "a document is not kept for a start without the server");
        }
    }

    /// Keeps a document without waiting for the disk: it survives `kill -9`.
    pub fn keep_unsynced(&self, name: &str, content: &[u8]) {
        if let Err(error) = files::replace_unsynced(&self.folder.join(name), content) {
            tracing::debug!(%error, name, "a document is not kept");
        }
    }

    /// Lets a document go.
    pub fn forget(&self, name: &str) {
        let _ = std::fs::remove_file(self.folder.join(name));
    }

    /// Name of a handler's manifest; `None` for a name that is no handler's.
    #[must_use]
    pub fn manifest(handler: &str) -> Option<String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
        let good =
            !handler.is_empty() && handler.len() <= 200 && handler.chars().all(plain) && !handler.starts_with('.');
        good.then(|| format!("manifests/{}", handler.to_ascii_lowercase()))
    }

    /// Where a package lies.
    #[must_use]
    pub fn package(&self, sha256: &str) -> PathBuf {
        self.folder.join("packages").join(sha256)
    }

    /// Removes packages that waagent has fetched long ago.
    pub fn tidy(&self) {
        for entry in std::fs::read_dir(self.folder.join("packages")).into_iter().flatten().flatten() {
            if age(&entry.path()).is_some_and(|age| age > PACKAGE_LIFE) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

fn age(path: &Path) -> Option<Duration> {
    path.metadata().ok()?.modified().ok()?.elapsed().ok()
}

#[cfg(test)]
mod tests {
    use super::RelayStore;

    #[test]
    fn only_handlers_have_manifests() {
        assert_eq!(
            RelayStore::manifest("Annex.Extensions.CustomScript").as_deref(),
            Some("manifests/annex.extensions.customscript")
        );
        for name in ["", "..", "../x", "a/b", ".hidden", "a\0b"] {
            assert_eq!(RelayStore::manifest(name), None, "{name:?}");
        }
    }
}
