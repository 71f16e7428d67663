//! Trying again on the machines that failed: a new operation, linked to the old one.

use domain::{
    actor::{Actor, Permission},
    fault::Fault,
    ids::OperationId,
    operation::{OperationDetail, OperationKind},
};

use super::accept::Change;
use crate::{Control, Error, extensions::applied_version};

/// May the failed machines of an operation be tried again? The sentence beside the disabled button.
pub(crate) fn retry_allowed(detail: &OperationDetail) -> Result<(), Fault> {
    if detail.summary.operation.kind.is_power() {
        return Err(Fault::not_allowed("Start, stop and restart are tried again on the machine's page."));
    }
    if !detail.targets.iter().any(|t| t.target.state.is_bad()) {
        return Err(Fault::not_allowed("No machine of this operation has failed."));
    }
    Ok(())
}

impl Control {
    /// Runs the change again on every machine where it failed, with the settings that are wanted there now.
    pub(crate) async fn retry(&self, actor: &Actor, id: OperationId) -> Result<OperationId, Error> {
        let detail = self.operation_detail(actor, id).await?;
        retry_allowed(&detail)?;
        let before = &detail.summary.operation;
        let mut acceptance = self.acceptance(actor, before.kind, before.subject.clone());
        acceptance.operation.retry_of = Some(id);
        let mut tx = self.inner.store.begin().await?;
        for failed in detail.targets.iter().filter(|t| t.target.state.is_bad()) {
            let vm = self.vm_of(&mut tx, failed.target.vm_id).await?;
            actor.require_on(Permission::ChangeExtensions, &vm)?;
            let Some(extension) = failed.target.extension_id else { continue };
            let Some(mut row) = tx.extension_by_id(extension).await? else {
                return Err(Fault::not_allowed(format!("The extension is not on {} any more.", vm.name)).into());
            };
            vm.extension_change_allowed()?;
            self.make_way(&mut tx, &mut acceptance, &row, &vm).await?;
            let image = self.image_of(&mut tx, &row.extension).await?;
            let kind = failed.target.kind;
            if kind != OperationKind::Remove {
                row.extension.sequence_number = row.extension.sequence_number.next();
            }
            let new_version = applied_version(&row.extension).as_ref() != Some(&row.extension.version);
            let change = Change { vm, row, is_new: false, kind, new_version };
            self.accept_change(&mut tx, &mut acceptance, change, &image).await?;
        }
        let id = self.accept_operation(&mut tx, &mut acceptance).await?;
        self.commit(tx, acceptance.touched).await?;
        Ok(id)
    }
}
