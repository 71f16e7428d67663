//! Taking an extension off a machine.

use domain::{
    actor::{Actor, Permission},
    fault::Fault,
    ids::{OperationId, VmId},
    name::ExtensionName,
    operation::OperationKind,
};

use crate::{
    Control, Error,
    operations::accept::{Change, subject},
};

impl Control {
    /// Errors: `OperationNotAllowed` while a change of it runs, or while another extension waits for it.
    pub(crate) async fn remove(&self, actor: &Actor, vm: VmId, name: &ExtensionName) -> Result<OperationId, Error> {
        let mut tx = self.inner.store.begin().await?;
        let vm = self.vm_of(&mut tx, vm).await?;
        actor.require_on(Permission::ChangeExtensions, &vm)?;
        vm.extension_change_allowed()?;
        let row = self.extension_of(&mut tx, &vm, name).await?;
        let there = tx.extension_list(vm.id).await?;
        let waits = |r: &&store::ExtensionRow| {
            r.extension.provision_after.iter().any(|n| n.as_str().eq_ignore_ascii_case(name.as_str()))
        };
        if let Some(waiting) = there.iter().find(waits) {
            return Err(Fault::not_allowed(format!(
                "{} on {} is set up after {name}. Remove it first, or change its order.",
                waiting.extension.name, vm.name
            ))
            .into());
        }
        let image = self.image_of(&mut tx, &row.extension).await?;
        let kind = OperationKind::Remove;
        let mut acceptance = self.acceptance(actor, kind, subject(&image, &row.extension, kind));
        self.make_way(&mut tx, &mut acceptance, &row, &vm).await?;
        let change = Change { vm, row, is_new: false, kind, new_version: false };
        self.accept_change(&mut tx, &mut acceptance, change, &image).await?;
        let id = self.accept_operation(&mut tx, &mut acceptance).await?;
        self.commit(tx, acceptance.touched).await?;
        Ok(id)
    }
}
