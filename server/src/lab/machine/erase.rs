//! Erasing a machine: its disk goes for good.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use domain::ids::VmId;

use super::{
    super::{LabError, method::Method, process::EraseSpec},
    Lab,
    boot::erase,
};

impl Lab {
    /// Stops it and removes its folder. Unknown is fine.
    pub(super) async fn erase_machine(&self, id: VmId) -> Result<(), LabError> {
        let _turn = self.turn(id).await;
        self.end_machine(id).await?;
        let (folder, leaving) = (self.inner.folders.machine(id), self.inner.folders.leaving(id));
        // Renamed first: from here on it is no machine, whatever happens.
        match fs::rename(&folder, &leaving) {
            Err(e) if e.kind() == io::ErrorKind::NotFound && !leaving.exists() => return Ok(()),
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(LabError::file(folder)(e)),
            _ => {}
        }
        self.remove(leaving).await?;
        tracing::info!(%id, "lab machine erased");
        Ok(())
    }

    /// Removes what an earlier server could not finish removing.
    pub(super) async fn finish_removals(&self) {
        for folder in self.inner.folders.leavings() {
            if let Err(trouble) = self.remove(folder).await {
                tracing::warn!(%trouble, "an erased lab machine leaves files behind");
            }
        }
    }

    async fn remove(&self, folder: PathBuf) -> Result<(), LabError> {
        let method = self.inner.verdict.method.unwrap_or(Method::Bare);
        remove(&self.inner.program, method, folder).await
    }
}

/// Removes a folder that machines wrote to; none is fine.
pub(in super::super) async fn remove(program: &Path, method: Method, folder: PathBuf) -> Result<(), LabError> {
    let target = folder.clone();
    let removed = tokio::task::spawn_blocking(move || fs::remove_dir_all(target)).await;
    match removed.map_err(io::Error::other).flatten() {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) if !method.user_namespace() => Err(LabError::file(folder)(e)),
        // Files of ids that exist in the machine's user namespace only, or folders that their owner may not read.
        Err(_) => erase(program, &EraseSpec { method, folder }).await,
    }
}
