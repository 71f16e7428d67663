//! Moves extensions that ask for it to newer versions, wave by wave.

use std::collections::BTreeMap;

use domain::{
    actor::Actor,
    automatic_upgrade::{Candidate, wave},
    guest_agent::HealthWord,
};
use store::ExtensionRow;

use crate::{Control, Error};

impl Control {
    /// Begins the next wave of every roll-out whose last one has ended well.
    pub async fn automatic_upgrades(&self) -> Result<(), Error> {
        let (rows, catalogue) = {
            let mut conn = self.inner.store.read().await?;
            let rows = conn.extension_automatic().await?;
            if rows.is_empty() {
                return Ok(());
            }
            (rows, self.catalogue(&mut conn).await?)
        };
        let annex = Actor::system();
        let mut lines: BTreeMap<(String, u32), Vec<ExtensionRow>> = BTreeMap::new();
        for row in rows {
            let line = (row.extension.handler_name().to_lowercase(), row.extension.version.parts()[0]);
            lines.entry(line).or_default().push(row);
        }
        for ((handler, major), rows) in lines {
            let versions = catalogue.versions(&handler).iter().map(|image| &image.version);
            let Some(newest) = versions.filter(|version| version.parts()[0] == major).max() else { continue };
            if rows.iter().all(|row| row.extension.version == *newest) {
                continue;
            }
            let candidates = self.candidates(&rows).await?;
            for id in wave(&candidates, newest) {
                let Some(row) = rows.iter().find(|row| row.extension.id == id) else { continue };
                let e = &row.extension;
                // somebody may have changed it meanwhile: then it is looked at again in the next turn
                let moved = self.change_version(&annex, e.vm_id, &e.name, newest.clone(), Some(e.generation));
                if let Err(error) = moved.await {
                    let (name, why) = (e.name.as_str(), &error.fault().message);
                    tracing::info!(vm = %e.vm_id, name, why, "an automatic upgrade did not begin");
                }
            }
        }
        Ok(())
    }

    async fn candidates(&self, rows: &[ExtensionRow]) -> Result<Vec<Candidate>, Error> {
        let mut conn = self.inner.store.read().await?;
        let mut candidates = Vec::with_capacity(rows.len());
        for row in rows {
            let e = &row.extension;
            let Some(vm) = conn.vm_get(e.vm_id).await? else { continue };
            let open = conn.target_open_on(e.vm_id).await?.iter().any(|t| t.target.extension_id == Some(e.id));
            candidates.push(Candidate {
                id: e.id,
                version: e.version.clone(),
                state: e.provisioning_state,
                open,
                ready: self.health_of(&vm).word() == HealthWord::Ready,
            });
        }
        Ok(candidates)
    }
}
