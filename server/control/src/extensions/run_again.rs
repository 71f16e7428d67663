//! The same settings once more, with the next sequence number.

use domain::{
    actor::{Actor, Permission},
    generation::Generation,
    ids::{OperationId, VmId},
    name::ExtensionName,
    operation::OperationKind,
};

use crate::{
    Control, Error,
    operations::accept::{Change, subject},
};

impl Control {
    pub(crate) async fn run_again(
        &self,
        actor: &Actor,
        vm: VmId,
        name: &ExtensionName,
        seen: Option<Generation>,
    ) -> Result<OperationId, Error> {
        let mut tx = self.inner.store.begin().await?;
        let vm = self.vm_of(&mut tx, vm).await?;
        actor.require_on(Permission::ChangeExtensions, &vm)?;
        vm.extension_change_allowed()?;
        let mut row = self.extension_of(&mut tx, &vm, name).await?;
        row.extension.check_match(seen)?;
        let image = self.image_of(&mut tx, &row.extension).await?;
        let kind = row.extension.change_here(OperationKind::RunAgain);
        let mut acceptance = self.acceptance(actor, kind, subject(&image, &row.extension, kind));
        self.make_way(&mut tx, &mut acceptance, &row, &vm).await?;
        row.extension.sequence_number = row.extension.sequence_number.next();
        let change = Change { vm, row, is_new: false, kind, new_version: false };
        self.accept_change(&mut tx, &mut acceptance, change, &image).await?;
        let id = self.accept_operation(&mut tx, &mut acceptance).await?;
        self.commit(tx, acceptance.touched).await?;
        Ok(id)
    }
}
