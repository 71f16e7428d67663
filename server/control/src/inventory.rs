//! What there is, for programs: machines with their extensions, in an order that pages can be cut from.

use std::collections::BTreeMap;

use domain::{
    actor::{Actor, Permission},
    extension::Extension,
    fault::Fault,
    guest_agent::AgentHealth,
    ids::VmId,
    name::ResourceGroupName,
    vm::Vm,
};
use store::Conn;

use crate::{Control, Error, VmPlace, by_name::no_group};

/// Machines on one page.
const PAGE: usize = 100;

/// A machine with what is on it.
#[derive(Clone, Debug)]
pub struct VmWithExtensions {
    /// The machine.
    pub vm: Vm,
    /// Its agent's health now.
    pub health: AgentHealth,
    /// Its extensions by name.
    pub extensions: Vec<Extension>,
}

/// One page of machines, and where the next one begins.
#[derive(Clone, Debug)]
pub struct VmsFrom {
    /// The machines.
    pub machines: Vec<VmWithExtensions>,
    /// Group and name of the last one, lower case, when there are more.
    pub next: Option<(String, String)>,
}

impl Control {
    /// A machine by its name. Errors: `AuthorizationFailed`, `ResourceGroupNotFound`, `ResourceNotFound`.
    pub async fn vm_look(&self, actor: &Actor, place: &VmPlace) -> Result<VmWithExtensions, Error> {
        let mut conn = self.inner.store.read().await?;
        let vm = self.vm_at(&mut conn, actor, Permission::Read, place).await?;
        let extensions = conn.extension_list(vm.id).await?.into_iter().map(|row| row.extension).collect();
        Ok(self.with_health(vm, extensions))
    }

    /// One extension on a machine. Errors: as [`Self::vm_look`].
    pub async fn extension_look(
        &self,
        actor: &Actor,
        place: &VmPlace,
        name: &str,
    ) -> Result<(VmWithExtensions, Extension), Error> {
        let mut conn = self.inner.store.read().await?;
        let vm = self.vm_at(&mut conn, actor, Permission::Read, place).await?;
        let extension = self.extension_at(&mut conn, &vm, name).await?.extension;
        Ok((self.with_health(vm, Vec::new()), extension))
    }

    /// The machines that `actor` may look at, of one group or of all, from a place on.
    ///
    /// Errors: `AuthorizationFailed`, `ResourceGroupNotFound`.
    pub async fn vms_from(
        &self,
        actor: &Actor,
        group: Option<&str>,
        after: Option<(String, String)>,
    ) -> Result<VmsFrom, Error> {
        let mut conn = self.inner.store.read().await?;
        let group = match group {
            None => None,
            Some(text) => {
                let group: ResourceGroupName = text.parse().map_err(|_: Fault| no_group(text))?;
                let found = conn.resource_group_get(&group).await?;
                if found.is_none() {
                    actor.require_in(Permission::Read, &group)?;
                    return Err(no_group(text).into());
                }
                Some(group)
            }
        };
        let mut after = after.unwrap_or_default();
        let mut found: Vec<Vm> = Vec::new();
        let some = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
        loop {
            let read = conn.vm_after(group.as_ref(), (&after.0, &after.1), some).await?;
            let last = read.len() <= PAGE;
            if let Some(vm) = read.last() {
                after = place_of(vm);
            }
            found.extend(read.into_iter().filter(|vm| actor.may_on(Permission::Read, vm)));
            if last || found.len() > PAGE {
                break;
            }
        }
        let more = found.len() > PAGE;
        found.truncate(PAGE);
        let next = found.last().filter(|_| more).map(place_of);
        Ok(VmsFrom { machines: self.with_extensions(&mut conn, found).await?, next })
    }

    async fn with_extensions(&self, conn: &mut Conn, found: Vec<Vm>) -> Result<Vec<VmWithExtensions>, Error> {
        let ids: Vec<VmId> = found.iter().map(|vm| vm.id).collect();
        let mut there: BTreeMap<VmId, Vec<Extension>> = BTreeMap::new();
        for row in conn.extension_list_many(&ids).await? {
            there.entry(row.extension.vm_id).or_default().push(row.extension);
        }
        Ok(found
            .into_iter()
            .map(|vm| {
                let extensions = there.remove(&vm.id).unwrap_or_default();
                self.with_health(vm, extensions)
            })
            .collect())
    }

    pub(crate) fn with_health(&self, vm: Vm, extensions: Vec<Extension>) -> VmWithExtensions {
        let vm = self.with_contact(vm);
        VmWithExtensions { health: vm.agent_health(self.now()), vm, extensions }
    }
}

fn place_of(vm: &Vm) -> (String, String) {
    (vm.resource_group.as_str().to_lowercase(), vm.name.as_str().to_lowercase())
}
