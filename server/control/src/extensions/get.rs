//! The page of one extension on one machine.

use std::collections::BTreeMap;

use domain::{
    actor::{Actor, Permission},
    extension::{ExtensionDetail, Revision},
    fault::Fault,
    ids::VmId,
    name::ExtensionName,
};

use super::view::{Surroundings, running};
use crate::{Control, Error};

/// Most runs and revisions on the page.
const HISTORY_MOST: u32 = 50;

impl Control {
    pub(crate) async fn extension_detail(
        &self,
        actor: &Actor,
        vm: VmId,
        name: &ExtensionName,
    ) -> Result<ExtensionDetail, Error> {
        let mut conn = self.inner.store.read().await?;
        let vm = self.vm_of(&mut conn, vm).await?;
        actor.require_on(Permission::Read, &vm)?;
        let health = self.health_of(&vm);
        let row = self.extension_of(&mut conn, &vm, name).await?;
        let extension = row.extension;
        let image = self.image_of(&mut conn, &extension).await?;
        let catalogue = self.catalogue(&mut conn).await?;
        let versions = catalogue.versions(&extension.handler_name()).iter().map(|i| i.version.clone()).collect();
        let around = Surroundings::of(self, &mut conn, &[vm.id]).await?;
        let mut runs = Vec::new();
        let mut operations = BTreeMap::new();
        for run in conn.target_of_extension(extension.id, HISTORY_MOST).await? {
            let id = run.target.operation_id;
            if !operations.contains_key(&id)
                && let Some((operation, _)) = conn.operation_get(id).await?
            {
                operations.insert(id, operation);
            }
            if let Some(operation) = operations.get(&id) {
                runs.push(self.target_view(&mut conn, actor, run, operation).await?);
            }
        }
        let revisions = conn.revision_list(extension.id, HISTORY_MOST).await?.into_iter().map(|r| Revision {
            number: r.number,
            version: r.version,
            settings: r.settings,
            protected_keys: r.protected_note.map(|n| n.keys).unwrap_or_default(),
            actor: r.actor,
            at: r.at,
            kind: r.kind,
        });
        let busy = running(&around, &extension).map(|id| {
            Fault::not_allowed(format!("A change of it is running (operation {id}); wait until that has ended."))
        });
        let change =
            actor.require_on(Permission::ChangeExtensions, &vm).err().or(vm.extension_change_allowed().err()).or(busy);
        Ok(ExtensionDetail {
            vm_name: vm.name,
            resource_group: vm.resource_group,
            health,
            revisions: revisions.collect(),
            summary: self.extension_summary(extension, health, &around),
            image,
            versions,
            runs,
            change,
            now: self.now(),
        })
    }
}
