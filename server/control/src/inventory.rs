//! What there is, for programs: machines with their extensions, in an order that pages can be cut from.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    actor::{Actor, Permission},
    extension::Extension,
    fault::Fault,
    generation::Generation,
    guest_agent::{AgentHealth, GuestAgent},
    ids::VmId,
    name::ResourceGroupName,
    vm::Vm,
};
use store::Conn;

use crate::{
    Control, Error, VmPlace,
    by_name::{no_extension, no_group, no_vm},
};

/// Machines on one page.
const PAGE: usize = 100;
/// Machines that are kept as they were last read.
pub(crate) const MACHINES_KEPT: usize = 4_096;

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

/// A machine with its extensions as they were last read, and its agent as it is now. Equal ones are the same to the last
/// detail, and so is whatever is made from them.
#[derive(Clone, Debug)]
pub struct VmSeen {
    agent: Option<GuestAgent>,
    health: AgentHealth,
    kept: Arc<VmKept>,
}

impl PartialEq for VmSeen {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.kept, &other.kept) && self.health == other.health && self.agent == other.agent
    }
}

impl VmSeen {
    /// The machine's id.
    pub fn id(&self) -> VmId {
        self.kept.vm.id
    }

    /// How often the machine's record was written.
    pub fn generation(&self) -> Generation {
        self.kept.vm.generation
    }

    /// A copy of all of it.
    pub fn whole(&self) -> VmWithExtensions {
        let vm = Vm { agent: self.agent.clone(), ..self.kept.vm.clone() };
        VmWithExtensions { vm, health: self.health, extensions: self.kept.extensions.clone() }
    }
}

/// An extension as it was last read. Equal ones are the same to the last detail.
#[derive(Clone, Debug)]
pub struct ExtensionSeen {
    kept: Arc<VmKept>,
    at: usize,
}

impl PartialEq for ExtensionSeen {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.kept, &other.kept) && self.at == other.at
    }
}

impl ExtensionSeen {
    /// The machine's id, and which of its extensions it is.
    pub fn place(&self) -> (VmId, usize) {
        (self.kept.vm.id, self.at)
    }

    /// The machine that it is on; what is known of its agent may be older than what [`Control::vm_look`] says.
    pub fn vm(&self) -> &Vm {
        &self.kept.vm
    }

    /// The extension.
    pub fn extension(&self) -> &Extension {
        &self.kept.extensions[self.at]
    }
}

/// A machine with its extensions, as the database has them.
#[derive(Debug)]
pub(crate) struct VmKept {
    vm: Vm,
    extensions: Vec<Extension>,
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
        Ok(self.vm_seen(actor, place).await?.whole())
    }

    /// The same, for what is made from it only when it has changed.
    pub async fn vm_seen(&self, actor: &Actor, place: &VmPlace) -> Result<VmSeen, Error> {
        let kept = self.machine_kept(actor, place).await?;
        let agent = self.agent_now(&kept.vm);
        let health = AgentHealth::of(agent.as_ref(), kept.vm.power, self.now());
        Ok(VmSeen { agent, health, kept })
    }

    /// One extension on a machine. Errors: as [`Self::vm_look`].
    pub async fn extension_look(&self, actor: &Actor, place: &VmPlace, name: &str) -> Result<ExtensionSeen, Error> {
        let kept = self.machine_kept(actor, place).await?;
        let found = kept.extensions.iter().position(|e| e.name.as_str().eq_ignore_ascii_case(name));
        let at = found.ok_or_else(|| no_extension(&kept.vm, name))?;
        Ok(ExtensionSeen { kept, at })
    }

    /// A machine with its extensions that `actor` may look at.
    async fn machine_kept(&self, actor: &Actor, place: &VmPlace) -> Result<Arc<VmKept>, Error> {
        let key = (place.group.to_lowercase(), place.vm.to_lowercase());
        let read = || async {
            let (Ok(group), Ok(name)) = (place.group.parse(), place.vm.parse()) else { return Ok(None) };
            let mut conn = self.inner.store.read().await?;
            let Some(vm) = conn.vm_by_name(&group, &name).await? else { return Ok(None) };
            let rows = conn.extension_list(vm.id).await?;
            let extensions = rows.into_iter().map(|row| row.extension).collect();
            Ok(Some(Arc::new(VmKept { vm, extensions })))
        };
        let kept = self.inner.machines.get(&self.inner.store, &key, read).await?;
        let Some(kept) = kept.as_ref() else { return Err(self.no_machine(actor, place).await) };
        actor.require_on(Permission::Read, &kept.vm)?;
        Ok(kept.clone())
    }

    /// Why there is no such machine for `actor`.
    async fn no_machine(&self, actor: &Actor, place: &VmPlace) -> Error {
        let looked = async {
            let mut conn = self.inner.store.read().await?;
            self.vm_at(&mut conn, actor, Permission::Read, place).await
        };
        // made in between: whoever asks again finds it
        looked.await.err().unwrap_or_else(|| no_vm(place).into())
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
                if conn.resource_group_get(&group).await?.is_none() {
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
        if let Some(group) = group.as_ref().filter(|_| found.is_empty()) {
            // whoever sees nothing there is told the same as of a group that is not there
            actor.require_in(Permission::Read, group)?;
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
