//! Machines and groups by the names that ARM's addresses use.
//!
//! Who may not look there is told so whether the thing exists or not: names of others do not leak.

use domain::{
    actor::{Actor, Permission},
    fault::{Fault, FaultKind},
    name::{ExtensionName, ResourceGroupName, VmName},
    resource_group::ResourceGroup,
    scope::Scope,
    vm::Vm,
};
use store::{Conn, ExtensionRow};

use crate::{Control, Error};

/// Names as they came in an address: read as names only when something is asked for by them.
#[derive(Clone, Debug)]
pub struct VmPlace {
    /// The resource group.
    pub group: String,
    /// The machine.
    pub vm: String,
}

impl Control {
    /// A group. Error: `ResourceGroupNotFound`.
    pub(crate) async fn group_of(&self, conn: &mut Conn, name: &ResourceGroupName) -> Result<ResourceGroup, Error> {
        let found = conn.resource_group_get(name).await?;
        found.ok_or_else(|| no_group(name.as_str()).into())
    }

    /// A machine that `actor` may do this with.
    ///
    /// Errors: `AuthorizationFailed`, `ResourceGroupNotFound`, `ResourceNotFound`.
    pub(crate) async fn vm_at(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        permission: Permission,
        place: &VmPlace,
    ) -> Result<Vm, Error> {
        // a name that cannot be one is the name of nothing
        let (Ok(group), Ok(name)) = (place.group.parse::<ResourceGroupName>(), place.vm.parse::<VmName>()) else {
            actor.require(permission)?;
            return Err(no_vm(place).into());
        };
        if let Some(vm) = conn.vm_by_name(&group, &name).await? {
            actor.require_on(permission, &vm)?;
            return Ok(vm);
        }
        actor.require_in(permission, &group)?;
        self.group_of(conn, &group).await?;
        Err(no_vm(place).into())
    }

    /// The same for something on it that is to be made: the machine is the parent then. Error: `ParentResourceNotFound`.
    pub(crate) async fn parent_at(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        permission: Permission,
        place: &VmPlace,
    ) -> Result<Vm, Error> {
        self.vm_at(conn, actor, permission, place).await.map_err(|error| match error.fault().code.as_str() {
            "ResourceNotFound" => Fault::new(
                FaultKind::NotFound,
                "ParentResourceNotFound",
                format!(
                    "There is no machine '{}' in the resource group '{}', so nothing can be put on it. Register it first.",
                    place.vm, place.group
                ),
            )
            .into(),
            _ => error,
        })
    }

    /// The scope that an address names: a machine, a group, or everything.
    ///
    /// Errors: as [`Self::vm_look`]; `AuthorizationFailed` for who may not look there.
    pub async fn scope_at(&self, actor: &Actor, group: Option<&str>, vm: Option<&str>) -> Result<Scope, Error> {
        match (group, vm) {
            (Some(group), Some(vm)) => {
                let place = VmPlace { group: group.to_owned(), vm: vm.to_owned() };
                let mut conn = self.inner.store.read().await?;
                Ok(Scope::Vm(self.vm_at(&mut conn, actor, Permission::Read, &place).await?.id))
            }
            (Some(group), None) => Ok(Scope::ResourceGroup(self.group_get(actor, group).await?.name)),
            (None, _) => {
                actor.require_somewhere(Permission::Read)?;
                Ok(Scope::Subscription)
            }
        }
    }

    /// May `actor` give and take roles there? Error: `AuthorizationFailed`.
    pub async fn may_give_roles(&self, actor: &Actor, scope: &Scope) -> Result<(), Error> {
        let mut conn = self.inner.store.read().await?;
        self.require_at(&mut conn, actor, Permission::ManageAccounts, scope).await.map(|_| ())
    }

    /// An extension on a machine. Error: `ResourceNotFound`.
    pub(crate) async fn extension_at(&self, conn: &mut Conn, vm: &Vm, name: &str) -> Result<ExtensionRow, Error> {
        let found = match name.parse::<ExtensionName>() {
            Ok(name) => conn.extension_get(vm.id, &name).await?,
            Err(_) => None,
        };
        found.ok_or_else(|| no_extension(vm, name).into())
    }
}

/// ARM's words for something that is not in its group.
pub(crate) fn not_there(what: &str, group: &str) -> Fault {
    Fault::not_found(format!("The Resource '{what}' under resource group '{group}' was not found."))
}

pub(crate) fn no_extension(vm: &Vm, name: &str) -> Fault {
    let what = format!("Microsoft.Compute/virtualMachines/{}/extensions/{name}", vm.name);
    not_there(&what, vm.resource_group.as_str())
}

pub(crate) fn no_vm(place: &VmPlace) -> Fault {
    not_there(&format!("Microsoft.Compute/virtualMachines/{}", place.vm), &place.group)
}

pub(crate) fn no_group(name: &str) -> Fault {
    let message = format!("Resource group '{name}' could not be found.");
    Fault::new(FaultKind::NotFound, "ResourceGroupNotFound", message)
}
