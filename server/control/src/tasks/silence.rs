//! Tells pages and the history of machines when an agent's health changes: silence is time going by, so nobody else tells.
//!
//! The database remembers what was told last, so that of several processes one tells, and none tells twice.

use std::time::Duration;

use domain::{
    agent_days::Standing,
    agent_event::{AgentEvent, AgentEventKind},
    guest_agent::{AgentHealth, SILENT_AFTER_MS},
    ids::VmId,
};

use crate::{Control, Error, operations::driver::Touched};

/// After a start nothing is told as silent for this long: agents come back first.
const FIRST_WORDS: Duration = Duration::from_millis(SILENT_AFTER_MS.unsigned_abs() + 3_000);
/// Machines in one transaction.
const PART: usize = 200;

impl Control {
    /// Compares the health of machines with what was told last and tells what changed.
    pub async fn silence_tell(&self) -> Result<(), Error> {
        let now = self.now();
        let just_begun = self.steady().saturating_sub(self.inner.life.2) < FIRST_WORDS;
        let candidates = self.inner.store.read().await?.agents_to_tell(now).await?;
        let changed: Vec<(VmId, String, AgentHealth)> = candidates
            .into_iter()
            .map(|(vm, told)| (vm.id, told, self.health_of(&vm)))
            .filter(|(_, told, health)| told != health.code())
            .filter(|(_, _, health)| !(just_begun && matches!(health, AgentHealth::NotResponding { .. })))
            .collect();
        for part in changed.chunks(PART) {
            self.health_tell(part).await?;
        }
        Ok(())
    }

    async fn health_tell(&self, changed: &[(VmId, String, AgentHealth)]) -> Result<(), Error> {
        let mut tx = self.inner.store.begin().await?;
        let mut touched = Touched::default();
        for (vm, told, health) in changed {
            // what this process knows goes with it, or another one that does not would tell the opposite
            if let Some(times) = self.contact_times(*vm) {
                tx.agent_contact(*vm, &times).await?;
            }
            if !tx.agent_told(*vm, told, health.code()).await? {
                continue;
            }
            if let Some(kind) = AgentEventKind::of_change(told, *health) {
                let standing = Some(Standing::of(*health));
                let event = AgentEvent { at: self.now(), kind, subject: None, detail: String::new(), standing };
                self.agent_event_write(&mut tx, *vm, &event).await?;
            }
            touched.vm(*vm);
        }
        self.commit(tx, touched).await
    }
}
