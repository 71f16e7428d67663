//! Scopes that people name, and who may give roles there.

use domain::{
    actor::{Actor, Permission},
    fault::Fault,
    name::ResourceGroupName,
    scope::Scope,
    vm::Vm,
};
use store::Conn;

use crate::{Control, Error};

impl Control {
    /// The machine of a scope, `None` for wider ones. Errors: `ResourceNotFound`; `AuthorizationFailed` unless `actor` has
    /// `permission` there.
    pub(crate) async fn require_at(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        permission: Permission,
        scope: &Scope,
    ) -> Result<Option<Vm>, Error> {
        match scope {
            Scope::Subscription => actor.require(permission)?,
            Scope::ResourceGroup(group) => actor.require_in(permission, group)?,
            Scope::Vm(id) => {
                let vm = self.vm_of(conn, *id).await?;
                actor.require_on(permission, &vm)?;
                return Ok(Some(vm));
            }
        }
        Ok(None)
    }

    /// The scope that a form names. `place`: `subscription`, `group` or `machine`; `name`: the group's or the machine's, the
    /// machine's as `group/name` where two groups have one of that name.
    ///
    /// Errors: `InvalidParameter` with the target `place` or `place_name`.
    pub(crate) async fn named_scope(&self, actor: &Actor, place: &str, name: &str) -> Result<Scope, Error> {
        let wrong = |message: String| Error::from(Fault::invalid("place_name", message));
        let name = name.trim();
        match place {
            "subscription" => Ok(Scope::Subscription),
            "group" => Ok(Scope::ResourceGroup(name.parse().map_err(|f: Fault| f.at("place_name"))?)),
            "machine" => {
                let (group, name) = match name.split_once('/') {
                    Some((group, name)) => {
                        let group: ResourceGroupName = group.parse().map_err(|f: Fault| f.at("place_name"))?;
                        (Some(group), name)
                    }
                    None => (None, name),
                };
                let machines = self.inner.store.read().await?.vm_all().await?;
                let found = machines.iter().filter(|vm| {
                    vm.name.as_str().eq_ignore_ascii_case(name)
                        && group.as_ref().is_none_or(|group| group.is(&vm.resource_group))
                        && actor.may_on(Permission::Read, vm)
                });
                match found.collect::<Vec<_>>().as_slice() {
                    [vm] => Ok(Scope::Vm(vm.id)),
                    [] => Err(wrong(format!("There is no machine {name}."))),
                    _ => Err(wrong(format!("Several groups have a machine {name}. Write it as group/{name}."))),
                }
            }
            _ => Err(Fault::invalid("place", "Choose everything, a group or a machine.").into()),
        }
    }
}
