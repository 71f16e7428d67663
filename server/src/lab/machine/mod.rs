//! The lab as the server holds it: starting, stopping, erasing machines.

pub(super) mod boot;
pub(super) mod erase;
mod start;
mod stop;

use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use control::compute::{Compute, LabVm};
use domain::{ids::VmId, portal::LabIsolation};

use super::{
    LabConfig, LabError,
    folders::LabFolders,
    isolation::{Verdict, probe},
    process::MachineRecord,
};

/// Lab machines on this host. Cheap to clone; nothing about machines is kept in memory.
#[derive(Clone, Debug)]
pub struct Lab {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folders: LabFolders,
    agent: PathBuf,
    program: PathBuf,
    hide: Vec<PathBuf>,
    verdict: Verdict,
    closing: AtomicBool,
    /// One at a time per machine.
    turns: Mutex<HashMap<VmId, Arc<tokio::sync::Mutex<()>>>>,
}

impl Lab {
    /// Makes the lab's folders, finds out what the host permits (by trying), and finishes removals that were cut short.
    /// Machines that an earlier server left running are simply there: [`Compute::running`] lists them.
    ///
    /// Errors: the folders cannot be made.
    pub async fn open(config: LabConfig) -> Result<Self, LabError> {
        let folders = LabFolders::make(&config.data_dir).map_err(LabError::file(&config.data_dir))?;
        let program = config.program.unwrap_or_else(|| "/proc/self/exe".into());
        let verdict = probe(&folders, &program).await;
        let agent = std::path::absolute(&config.agent).unwrap_or(config.agent);
        let hide =
            config.hide.iter().filter_map(|path| path.canonicalize().ok()).chain([folders.data.clone()]).collect();
        let (closing, turns) = (AtomicBool::new(false), Mutex::default());
        let lab = Self { inner: Arc::new(Inner { folders, agent, program, hide, verdict, closing, turns }) };
        lab.finish_removals().await;
        for id in lab.running().await {
            tracing::info!(%id, "a lab machine still runs since an earlier start; it goes on");
        }
        Ok(lab)
    }

    /// Stops every machine and starts none any more: for an orderly end of the server.
    ///
    /// Errors: the first machine that could not be stopped; the others are stopped all the same.
    pub async fn stop_all(&self) -> Result<(), LabError> {
        self.inner.closing.store(true, Ordering::SeqCst);
        // Those that somebody was starting just now as well: stopping waits for its turn.
        let mut ids: BTreeSet<VmId> = self.running().await.into_iter().collect();
        ids.extend(self.turns().keys());
        let stops = ids.into_iter().map(|id| self.stop_machine(id));
        futures::future::join_all(stops).await.into_iter().collect()
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<VmId, Arc<tokio::sync::Mutex<()>>>> {
        self.inner.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for its turn with one machine.
    async fn turn(&self, id: VmId) -> tokio::sync::OwnedMutexGuard<()> {
        let turn = Arc::clone(self.turns().entry(id).or_default());
        turn.lock_owned().await
    }
}

#[async_trait]
impl Compute for Lab {
    async fn start(&self, vm: &LabVm) -> Result<String, String> {
        self.start_machine(vm).await.map_err(|e| e.to_string())
    }

    async fn stop(&self, id: VmId) -> Result<(), String> {
        self.stop_machine(id).await.map_err(|e| e.to_string())
    }

    async fn erase(&self, id: VmId) -> Result<(), String> {
        self.erase_machine(id).await.map_err(|e| e.to_string())
    }

    async fn running(&self) -> Vec<VmId> {
        let folders = &self.inner.folders;
        let runs = |id: &VmId| MachineRecord::read(&folders.machine(*id)).is_some_and(|record| record.runs());
        folders.machines().into_iter().filter(runs).collect()
    }

    fn isolation(&self) -> LabIsolation {
        LabIsolation {
            isolated: self.inner.verdict.method.is_some(),
            explanation: self.inner.verdict.explanation.clone(),
            // Kept by the control layer, which passes it along with every start.
            risk_accepted: false,
        }
    }
}
