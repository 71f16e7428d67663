//! Tells pages when an agent falls silent, and when it is back: silence is time going by, so nobody else tells.

use std::collections::BTreeSet;

use domain::{guest_agent::HealthWord, ids::VmId, live::Topic};

use crate::{Control, Error};

impl Control {
    /// Compares the silent machines with those of the last turn and tells what changed.
    pub(crate) async fn silence_tell(&self) -> Result<(), Error> {
        let now = self.now();
        let stored = self.inner.store.read().await?.agents_silent(now).await?;
        let silent: BTreeSet<VmId> = stored
            .into_iter()
            .filter(|vm| self.health_of(vm).word() == HealthWord::NotResponding)
            .map(|vm| vm.id)
            .collect();
        let mut known = self.inner.silent.lock().await;
        let changed: Vec<Topic> = silent.symmetric_difference(&known).map(|id| Topic::Vm(*id)).collect();
        *known = silent;
        if !changed.is_empty() {
            self.inner.hub.publish(changed);
        }
        Ok(())
    }
}
