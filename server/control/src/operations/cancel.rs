//! Withdrawing what no machine has begun.

use domain::{
    actor::{Actor, Permission},
    fault::Fault,
    ids::{OperationId, VmId},
    operation::Observation,
};

use super::driver::Touched;
use crate::{Control, Error};

impl Control {
    /// Withdraws an operation on one machine, or on every machine that has not begun and that `actor` may change.
    ///
    /// Errors: `ResourceNotFound`; `AuthorizationFailed`; `OperationNotAllowed` when nothing of it can be withdrawn.
    pub(crate) async fn cancel(&self, actor: &Actor, id: OperationId, vm: Option<VmId>) -> Result<(), Error> {
        let mut tx = self.inner.store.begin().await?;
        let mut touched = Touched::default();
        let targets = tx.target_list(id).await?;
        if targets.is_empty() {
            return Err(Fault::not_found(format!("There is no operation {id}.")).into());
        }
        let mut withdrawn = 0;
        let mut refusal = None;
        for row in targets.into_iter().filter(|t| vm.is_none_or(|vm| t.target.vm_id == vm)) {
            let forbidden = self.refusal_on_target(&mut tx, actor, Permission::ChangeExtensions, &row).await?;
            match forbidden.map_or_else(|| row.target.cancel_allowed(), Err) {
                Ok(()) => {
                    self.observe(&mut tx, row, &Observation::CancelRequested, &mut touched).await?;
                    withdrawn += 1;
                }
                Err(fault) => refusal = Some(fault),
            }
        }
        if withdrawn == 0 {
            let fault = refusal.unwrap_or_else(|| Fault::not_found("That machine is not part of this operation."));
            return Err(fault.into());
        }
        self.commit(tx, touched).await
    }
}
