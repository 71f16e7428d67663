//! Giving a role at a scope: a put by id that may be repeated.

use domain::{
    access::{RoleAssignment, RoleOrder},
    activity::Outcome,
    actor::{Actor, Permission},
    fault::{Fault, FaultKind},
    ids::RoleAssignmentId,
    scope::{Grant, Scope},
};
use store::RoleAssignmentRow;

use super::access_touched;
use crate::{Control, Error};

impl Control {
    /// Errors: `AuthorizationFailed` unless `actor` manages access at the scope; `ResourceNotFound` (the machine of the
    /// scope); `PrincipalNotFound`; `RoleAssignmentExists` when the same role is given there under another id;
    /// `RoleAssignmentUpdateNotPermitted` when the id is another assignment's.
    pub(crate) async fn assign_role(&self, actor: &Actor, order: RoleOrder) -> Result<RoleAssignment, Error> {
        let mut tx = self.inner.store.begin().await?;
        let vm = self.require_at(&mut tx, actor, Permission::ManageAccounts, &order.scope).await?;
        let (kind, name) = self.known_principal(&mut tx, order.principal).await?;
        let grant = Grant { role: order.role, scope: order.scope };
        if let Some(id) = order.id
            && let Some(there) = self.role_row(&mut tx, id).await?
        {
            if there.principal == order.principal && there.grant == grant {
                return self.with_names(&mut tx, there).await;
            }
            return Err(Fault::new(
                FaultKind::Conflict,
                "RoleAssignmentUpdateNotPermitted",
                "This id belongs to another role assignment, and those are not changed: delete it, or use a new id.",
            )
            .into());
        }
        let mut theirs = tx.role_assignment_list_of(order.principal).await?;
        theirs.extend(self.own_role_of(&mut tx, order.principal).await?);
        if let Some(twin) = theirs.iter().find(|there| there.grant == grant) {
            return Err(Fault::new(
                FaultKind::Conflict,
                "RoleAssignmentExists",
                format!("{name} has the role {} there already (role assignment {}).", order.role.label(), twin.id),
            )
            .into());
        }
        let row = RoleAssignmentRow {
            id: order.id.unwrap_or_else(|| RoleAssignmentId::new(self.new_uuid())),
            principal: order.principal,
            kind,
            grant,
            created_at: self.now(),
            created_by: actor.name.clone(),
        };
        tx.role_assignment_insert(&row).await?;
        let given = self.with_names(&mut tx, row).await?;
        let action = format!("gave {name} the role {}", given.role.label());
        let detail = (!matches!(given.scope, Scope::Vm(_))).then(|| given.scope_label());
        self.note(&mut tx, actor, &action, vm.as_ref(), Outcome::Succeeded, detail).await?;
        self.commit(tx, access_touched()).await?;
        Ok(given)
    }
}
