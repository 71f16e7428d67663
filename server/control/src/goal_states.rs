//! Goal states: what one machine should be, and waiting for it to change.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::{
    fault::Fault,
    generation::Incarnation,
    guest_agent::AgentKind,
    ids::VmId,
    name::ExtensionName,
    operation::{Observation, Request},
    secret::Secret,
};
use serde_json::Value;
use store::{Engine, ExtensionRow};
use tokio::sync::watch;

use crate::{Control, Error, operations::driver::Touched};

/// Held requests: one channel for each machine that somebody waits for.
#[derive(Default)]
pub(crate) struct Watchers(Mutex<HashMap<VmId, watch::Sender<Incarnation>>>);

impl Watchers {
    /// Says that a machine has a new goal state.
    pub(crate) fn raise(&self, vm: VmId, incarnation: Incarnation) {
        let watchers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = watchers.get(&vm) {
            sender.send_if_modified(|known| {
                let newer = incarnation > *known;
                *known = incarnation.max(*known);
                newer
            });
        }
    }

    fn watch(&self, vm: VmId) -> watch::Receiver<Incarnation> {
        let mut watchers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.entry(vm).or_insert_with(|| watch::channel(Incarnation::default()).0).subscribe()
    }

    /// Forgets channels that nobody listens to.
    pub(crate) fn tidy(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, sender| sender.receiver_count() > 0);
    }

    /// Machines that somebody waits for.
    pub(crate) fn watched(&self) -> Vec<VmId> {
        let watchers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.iter().filter(|(_, sender)| sender.receiver_count() > 0).map(|(vm, _)| *vm).collect()
    }
}

/// Should an extension be there?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantedState {
    /// Yes.
    Enabled,
    /// It is to be removed.
    Uninstall,
}

/// One extension of a goal state.
#[derive(Clone, Debug)]
pub struct WantedExtension {
    /// `Publisher.Type`.
    pub handler: String,
    /// Full version.
    pub version: String,
    /// Extension name.
    pub name: String,
    /// The handler takes several named configurations.
    pub multi_config: bool,
    /// Should it be there?
    pub state: WantedState,
    /// Of its settings.
    pub sequence_number: i64,
    /// Public settings.
    pub settings: Value,
    /// Protected settings as JSON text, in clear: to be enveloped for the machine at once.
    pub protected: Option<Secret>,
    /// 0 unless it waits for others or others wait for it.
    pub dependency_level: u32,
    /// Handlers that it waits for.
    pub depends_on: Vec<String>,
}

/// Everything a goal state document is rendered from.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The machine.
    pub vm_id: VmId,
    /// Its name.
    pub vm_name: String,
    /// Number of this goal state.
    pub incarnation: Incarnation,
    /// Its time stamp in .NET ticks; rises with the number.
    pub created_on_ticks: i64,
    /// Certificate that protected settings are enveloped for (DER).
    pub recipient_certificate_der: Option<Vec<u8>>,
    /// The extensions.
    pub extensions: Vec<WantedExtension>,
}

impl Control {
    /// Number of a machine's newest goal state.
    pub async fn goal_state_current(&self, vm: VmId) -> Result<Incarnation, Error> {
        let mut conn = self.inner.store.read().await?;
        let found = conn.goal_state_get(vm).await?;
        found.map(|(incarnation, _)| incarnation).ok_or_else(|| gone(vm).into())
    }

    /// Waits until the goal state is not `have` any more: at most `wait`, and not beyond the server's shutdown.
    pub async fn goal_state_wait(&self, vm: VmId, have: Incarnation, wait: Duration) -> Result<Incarnation, Error> {
        let mut changes = self.inner.goal_states.watch(vm);
        let current = self.goal_state_current(vm).await?;
        if current != have || wait.is_zero() {
            return Ok(current);
        }
        // the number leaves the channel's lock before anything is awaited
        let changed = async { changes.wait_for(|known| *known > have).await.map(|known| *known).ok() };
        let known = tokio::select! {
            () = self.inner.shutdown.cancelled() => Some(current),
            () = tokio::time::sleep(wait) => None,
            known = changed => known,
        };
        match known {
            Some(known) => Ok(known),
            // one process: a change that was not signalled did not happen
            None if self.inner.store.engine() == Engine::Sqlite => Ok(current),
            None => self.goal_state_current(vm).await,
        }
    }

    /// The goal state of a machine, for its agent. Reading it *is* the pick-up: what was queued runs from now on, in the same
    /// transaction, so that nothing can be withdrawn which the machine has seen.
    pub async fn wanted(&self, vm: VmId) -> Result<Wanted, Error> {
        let mut tries = 0;
        loop {
            match self.wanted_try(vm).await {
                Err(error) if error.is_stale() && tries < 5 => tries += 1,
                other => return other,
            }
        }
    }

    async fn wanted_try(&self, vm: VmId) -> Result<Wanted, Error> {
        let mut tx = self.inner.store.begin().await?;
        let mut touched = Touched::default();
        let machine = tx.vm_get(vm).await?.ok_or_else(|| gone(vm))?;
        let Some((incarnation, created_on_ticks)) = tx.goal_state_get(vm).await? else { return Err(gone(vm).into()) };
        let rows = tx.extension_list(vm).await?;
        let identity = self.identity_of(&mut tx, vm).await?;
        let extensions = self.wanted_extensions(&mut tx, rows).await?;
        if machine.agent.as_ref().is_some_and(|a| a.fetched_incarnation != Some(incarnation)) {
            tx.agent_fetched(vm, incarnation, self.now()).await?;
        }
        let seen = Observation::GoalStateServed { incarnation };
        let derives = identity.as_ref().is_some_and(|who| who.kind == AgentKind::Waagent);
        for target in tx.target_open_on(vm).await? {
            let target = self.observe(&mut tx, target, &seen, &mut touched).await?;
            if derives {
                let asked = Observation::Requested(Request::GoalState);
                self.observe(&mut tx, target, &asked, &mut touched).await?;
            }
        }
        self.commit(tx, touched).await?;
        Ok(Wanted {
            vm_id: vm,
            vm_name: machine.name.to_string(),
            incarnation,
            created_on_ticks,
            recipient_certificate_der: identity.and_then(|i| i.certificate_der),
            extensions,
        })
    }

    async fn wanted_extensions(
        &self,
        tx: &mut store::Tx,
        rows: Vec<ExtensionRow>,
    ) -> Result<Vec<WantedExtension>, Error> {
        let levels = dependency_levels(&rows);
        let handlers: BTreeMap<String, String> =
            rows.iter().map(|r| (r.extension.name.as_str().to_lowercase(), r.extension.handler_name())).collect();
        let catalogue = self.catalogue(tx).await?;
        let mut wanted = Vec::with_capacity(rows.len());
        for row in rows {
            let e = row.extension;
            let handler = e.handler_name();
            let multi_config =
                catalogue.versions(&handler).iter().any(|i| i.version == e.version && i.supports_multiple);
            let place = protected_place(&e);
            let protected = row.protected.map(|sealed| self.inner.keys.sealer.open(&place, &sealed)).transpose()?;
            wanted.push(WantedExtension {
                version: e.version.to_string(),
                multi_config,
                state: if e.removing { WantedState::Uninstall } else { WantedState::Enabled },
                sequence_number: e.sequence_number.get(),
                protected,
                dependency_level: levels.get(&e.name).copied().unwrap_or(0),
                depends_on: e
                    .provision_after
                    .iter()
                    .filter_map(|n| handlers.get(&n.as_str().to_lowercase()).cloned())
                    .collect(),
                name: e.name.to_string(),
                settings: e.settings,
                handler,
            });
        }
        Ok(wanted)
    }
}

/// Where an extension's protected settings are sealed for.
pub(crate) fn protected_place(extension: &domain::extension::Extension) -> String {
    format!("protected-settings/{}", extension.id)
}

fn gone(vm: VmId) -> Fault {
    Fault::not_found(format!("There is no machine {vm}; it may have been removed."))
}

/// Level of each extension: one more than the highest that it waits for. Names that are not there count for nothing
/// (they were there when the order was accepted); cycles were refused then, and end here.
fn dependency_levels(rows: &[ExtensionRow]) -> BTreeMap<ExtensionName, u32> {
    let mut levels: BTreeMap<ExtensionName, u32> = rows.iter().map(|r| (r.extension.name.clone(), 0)).collect();
    for _ in 0..rows.len() {
        for row in rows {
            let e = &row.extension;
            let after = e.provision_after.iter().filter_map(|n| levels.get(n)).max().map_or(0, |l| l + 1);
            if let Some(level) = levels.get_mut(&e.name)
                && after > *level
                && after <= u32::try_from(rows.len()).unwrap_or(u32::MAX)
            {
                *level = after;
            }
        }
    }
    levels
}
