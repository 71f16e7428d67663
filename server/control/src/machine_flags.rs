//! What people say about a machine's agent: whether extensions may be changed, and whether there is an agent at all.

use domain::{
    activity::Outcome,
    actor::{Actor, Permission},
    fault::Fault,
    ids::VmId,
    live::Topic,
    vm::Vm,
};

use crate::{Control, Error, operations::driver::Touched};

impl Control {
    pub(crate) async fn allow_extensions(&self, actor: &Actor, id: VmId, allowed: bool) -> Result<(), Error> {
        let action = if allowed { "allowed extension operations" } else { "switched extension operations off" };
        let change = |vm: &mut Vm| {
            vm.allow_extension_operations = allowed;
            Ok(())
        };
        self.change_flag(actor, id, action, change).await
    }

    pub(crate) async fn say_agent_present(&self, actor: &Actor, id: VmId, present: bool) -> Result<(), Error> {
        let action = if present { "said that an agent is there" } else { "said that no agent is there" };
        let change = |vm: &mut Vm| {
            vm.agent_presence_allowed(present, self.health_of(vm))?;
            vm.provision_guest_agent = present;
            Ok(())
        };
        self.change_flag(actor, id, action, change).await
    }

    async fn change_flag(
        &self,
        actor: &Actor,
        id: VmId,
        action: &str,
        change: impl FnOnce(&mut Vm) -> Result<(), Fault>,
    ) -> Result<(), Error> {
        let mut tx = self.inner.store.begin().await?;
        let mut vm = self.vm_of(&mut tx, id).await?;
        actor.require_on(Permission::ManageMachines, &vm)?;
        change(&mut vm)?;
        tx.vm_update(&vm).await?;
        self.note(&mut tx, actor, action, Some(&vm), Outcome::Succeeded, None).await?;
        let mut touched = Touched::default();
        touched.vm(id);
        touched.topic(Topic::Activity);
        self.commit(tx, touched).await
    }
}
