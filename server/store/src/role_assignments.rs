//! Roles that were given at scopes.

use domain::{
    access::PrincipalKind,
    actor::Role,
    ids::{PrincipalId, RoleAssignmentId},
    scope::{Grant, Scope},
    timestamp::Timestamp,
};
use sqlx::any::AnyRow;

use crate::{Conn, Error, row::Reader};

/// A role assignment without the names around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleAssignmentRow {
    /// Its id.
    pub id: RoleAssignmentId,
    /// Whom it was given to.
    pub principal: PrincipalId,
    /// What that is.
    pub kind: PrincipalKind,
    /// What may be done, and where.
    pub grant: Grant,
    /// When it was given.
    pub created_at: Timestamp,
    /// Who gave it.
    pub created_by: String,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "select id, principal_id, principal_kind, role, scope, created_at, created_by from role_assignments ",
            $tail
        )
    };
}

fn read(row: &AnyRow) -> Result<RoleAssignmentRow, Error> {
    let r = Reader::new(row, "role_assignments", "id");
    Ok(RoleAssignmentRow {
        id: r.parse("id")?,
        principal: r.parse("principal_id")?,
        kind: r.word("principal_kind", PrincipalKind::parse)?,
        grant: Grant { role: r.word("role", Role::parse)?, scope: r.word("scope", Scope::parse)? },
        created_at: r.time("created_at")?,
        created_by: r.text("created_by")?,
    })
}

impl Conn {
    /// All role assignments, oldest first.
    pub async fn role_assignment_list(&mut self) -> Result<Vec<RoleAssignmentRow>, Error> {
        let rows = sqlx::query(select!("order by created_at, id")).fetch_all(self.db()).await?;
        rows.iter().map(read).collect()
    }

    /// Those of one account, service principal or machine.
    pub async fn role_assignment_list_of(&mut self, principal: PrincipalId) -> Result<Vec<RoleAssignmentRow>, Error> {
        let rows = sqlx::query(select!("where principal_id = $1 order by created_at, id"))
            .bind(principal.to_string())
            .fetch_all(self.db())
            .await?;
        rows.iter().map(read).collect()
    }

    /// One role assignment.
    pub async fn role_assignment_get(&mut self, id: RoleAssignmentId) -> Result<Option<RoleAssignmentRow>, Error> {
        let row = sqlx::query(select!("where id = $1")).bind(id.to_string()).fetch_optional(self.db()).await?;
        row.as_ref().map(read).transpose()
    }

    /// A new one. Error: [`Error::Duplicate`] when the id, or the same role of the same principal at this scope, is there.
    pub async fn role_assignment_insert(&mut self, row: &RoleAssignmentRow) -> Result<(), Error> {
        sqlx::query(
            "insert into role_assignments (id, principal_id, principal_kind, role, scope, scope_key, created_at, created_by) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(row.id.to_string())
        .bind(row.principal.to_string())
        .bind(row.kind.code())
        .bind(row.grant.role.label())
        .bind(row.grant.scope.code())
        .bind(row.grant.scope.key())
        .bind(row.created_at.millis())
        .bind(row.created_by.clone())
        .execute(self.db())
        .await
        .map_err(|e| Error::or_duplicate(e, "This role assignment"))?;
        Ok(())
    }

    /// Takes one away; false when it was not there.
    pub async fn role_assignment_delete(&mut self, id: RoleAssignmentId) -> Result<bool, Error> {
        let done =
            sqlx::query("delete from role_assignments where id = $1").bind(id.to_string()).execute(self.db()).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes every role of one account, service principal or machine away.
    pub async fn role_assignment_delete_of(&mut self, principal: PrincipalId) -> Result<(), Error> {
        sqlx::query("delete from role_assignments where principal_id = $1")
            .bind(principal.to_string())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Takes every role away that was given at this very scope: it is gone.
    pub async fn role_assignment_delete_at(&mut self, scope: &Scope) -> Result<(), Error> {
        sqlx::query("delete from role_assignments where scope_key = $1").bind(scope.key()).execute(self.db()).await?;
        Ok(())
    }
}
