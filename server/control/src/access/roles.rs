//! Role assignments as they are read: those that were given, and everybody's own role at the subscription.

use domain::{
    access::{PrincipalKind, RoleAssignment},
    actor::{Actor, Permission},
    fault::{Fault, FaultKind},
    ids::{AccountId, PrincipalId, RoleAssignmentId},
    scope::{Grant, Scope},
};
use store::{AccountRow, Conn, RoleAssignmentRow};

use crate::{Control, Error};

impl Control {
    /// The assignments at scopes that `actor` may look at.
    pub(crate) async fn list_roles(&self, actor: &Actor) -> Result<Vec<RoleAssignment>, Error> {
        actor.require_somewhere(Permission::Read)?;
        let mut conn = self.inner.store.read().await?;
        let mut rows: Vec<_> = conn.account_list().await?.iter().map(own_role).collect();
        rows.extend(conn.role_assignment_list().await?);
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            match self.require_at(&mut conn, actor, Permission::Read, &row.grant.scope).await {
                Ok(_) => all.push(self.with_names(&mut conn, row).await?),
                Err(error) if error.fault().kind == FaultKind::Forbidden => {}
                Err(error) => return Err(error),
            }
        }
        all.sort_by_key(|a| (a.principal_name.to_lowercase(), a.scope.key()));
        Ok(all)
    }

    /// One assignment. Errors: `ResourceNotFound`, `AuthorizationFailed`.
    pub(crate) async fn get_role(&self, actor: &Actor, id: RoleAssignmentId) -> Result<RoleAssignment, Error> {
        actor.require_somewhere(Permission::Read)?;
        let mut conn = self.inner.store.read().await?;
        let row = self.role_row(&mut conn, id).await?;
        let row = row.ok_or_else(|| Fault::not_found(format!("There is no role assignment {id}.")))?;
        self.require_at(&mut conn, actor, Permission::Read, &row.grant.scope).await?;
        self.with_names(&mut conn, row).await
    }

    /// An assignment, or the account whose own role has this id.
    pub(crate) async fn role_row(
        &self,
        conn: &mut Conn,
        id: RoleAssignmentId,
    ) -> Result<Option<RoleAssignmentRow>, Error> {
        match conn.role_assignment_get(id).await? {
            Some(row) => Ok(Some(row)),
            None => self.own_role_of(conn, PrincipalId::new(id.uuid())).await,
        }
    }

    /// The role that an account has by itself; `None` for anything but an account.
    pub(crate) async fn own_role_of(
        &self,
        conn: &mut Conn,
        principal: PrincipalId,
    ) -> Result<Option<RoleAssignmentRow>, Error> {
        Ok(conn.account_get(AccountId::new(principal.uuid())).await?.as_ref().map(own_role))
    }

    /// A row with the names of its principal and of its machine.
    pub(crate) async fn with_names(&self, conn: &mut Conn, row: RoleAssignmentRow) -> Result<RoleAssignment, Error> {
        let principal = self.find_principal(conn, row.principal).await?;
        let scope_vm = match &row.grant.scope {
            Scope::Vm(id) => conn.vm_get(*id).await?.map(|vm| (vm.resource_group, vm.name)),
            _ => None,
        };
        Ok(RoleAssignment {
            id: row.id,
            principal: row.principal,
            kind: row.kind,
            principal_name: principal.map(|(_, name)| name).unwrap_or_default(),
            role: row.grant.role,
            scope: row.grant.scope,
            scope_vm,
            created_at: row.created_at,
            created_by: row.created_by,
        })
    }
}

/// An account's own role in the form of an assignment: its id is the account's.
fn own_role(row: &AccountRow) -> RoleAssignmentRow {
    let id = row.account.id.uuid();
    RoleAssignmentRow {
        id: RoleAssignmentId::new(id),
        principal: PrincipalId::new(id),
        kind: PrincipalKind::User,
        grant: Grant::everywhere(row.account.role),
        created_at: row.account.created_at,
        created_by: String::new(),
    }
}
