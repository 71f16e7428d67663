//! The `annex-agent` programs that machines may fetch, with their hashes.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use sha2::{Digest, Sha256};

use crate::{Control, Error};

/// One program as it lies on the disk now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentProgram {
    /// In the kernel's words: `x86_64`, `aarch64`.
    pub architecture: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// The file.
    pub path: PathBuf,
}

/// All of them. Hashes are made again only when a file was replaced.
#[derive(Clone)]
pub(crate) struct Programs {
    files: Arc<Vec<(String, PathBuf)>>,
    known: Arc<Mutex<HashMap<String, (Stamp, String)>>>,
}

/// What changes when a file is replaced.
type Stamp = (u64, Option<SystemTime>);

impl Programs {
    pub(crate) fn new(files: Vec<(String, PathBuf)>) -> Self {
        Self { files: Arc::new(files), known: Arc::default() }
    }

    fn look(&self) -> std::io::Result<Vec<AgentProgram>> {
        let looked = self.files.iter().map(|(architecture, path)| {
            let sha256 = self.hash(architecture, path)?;
            Ok(AgentProgram { architecture: architecture.clone(), sha256, path: path.clone() })
        });
        looked.collect()
    }

    fn hash(&self, architecture: &str, path: &Path) -> std::io::Result<String> {
        let about = std::fs::metadata(path)?;
        let stamp: Stamp = (about.len(), about.modified().ok());
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, hash)) = known().get(architecture).filter(|(seen, _)| *seen == stamp) {
            return Ok(hash.clone());
        }
        let mut hasher = Sha256::new();
        std::io::copy(&mut std::fs::File::open(path)?, &mut hasher)?;
        let hash = hex::encode(hasher.finalize());
        known().insert(architecture.to_owned(), (stamp, hash.clone()));
        Ok(hash)
    }
}

impl Control {
    /// The programs that machines may fetch; none when this server was not given any.
    ///
    /// Errors: `InternalError`: a file is gone or cannot be read.
    pub async fn agent_programs(&self) -> Result<Vec<AgentProgram>, Error> {
        let programs = self.inner.agent_programs.clone();
        let looked = tokio::task::spawn_blocking(move || programs.look()).await;
        let looked = looked.map_err(|error| Error::internal("agent programs", &error))?;
        looked.map_err(|error| Error::internal("agent programs", &error))
    }
}
