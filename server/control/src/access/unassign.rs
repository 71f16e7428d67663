//! Taking a role away.

use domain::{
    access::RoleAssignment,
    activity::Outcome,
    actor::{Actor, Permission},
    fault::Fault,
    ids::RoleAssignmentId,
    scope::Scope,
};

use super::access_touched;
use crate::{Control, Error};

impl Control {
    /// What was taken away; `None` when there was no such assignment.
    ///
    /// Errors: `AuthorizationFailed` unless `actor` manages access at its scope; `OperationNotAllowed` for an account's own
    /// role, which is changed with the account (and so the last Owner stays).
    pub(crate) async fn unassign_role(
        &self,
        actor: &Actor,
        id: RoleAssignmentId,
    ) -> Result<Option<RoleAssignment>, Error> {
        actor.require_somewhere(Permission::ManageAccounts)?;
        let mut tx = self.inner.store.begin().await?;
        let Some(row) = self.role_row(&mut tx, id).await? else { return Ok(None) };
        let vm = self.require_at(&mut tx, actor, Permission::ManageAccounts, &row.grant.scope).await?;
        let taken = self.with_names(&mut tx, row).await?;
        if taken.is_own_role() {
            return Err(Fault::not_allowed(format!(
                "This is the role of the account {} itself: everybody has one. Change it under Access, People.",
                taken.principal_name
            ))
            .into());
        }
        tx.role_assignment_delete(id).await?;
        let action = format!("took the role {} from {}", taken.role.label(), taken.principal_name);
        let detail = (!matches!(taken.scope, Scope::Vm(_))).then(|| taken.scope_label());
        self.note(&mut tx, actor, &action, vm.as_ref(), Outcome::Succeeded, detail).await?;
        self.commit(tx, access_touched()).await?;
        Ok(Some(taken))
    }
}
