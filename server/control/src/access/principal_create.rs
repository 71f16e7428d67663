//! A new service principal with its first secret, and a role if one is wanted.

use domain::{
    access::{NewSecret, PrincipalKind, ServicePrincipal, check_principal_name, check_secret_days},
    activity::Outcome,
    actor::{Actor, Permission, Role},
    ids::{AppId, PrincipalId, RoleAssignmentId},
    scope::{Grant, Scope},
};
use store::{RoleAssignmentRow, ServicePrincipalRow};

use super::access_touched;
use crate::{Control, Error};

impl Control {
    /// Errors: `InvalidParameter` (name, days), `ResourceExists`, `AuthorizationFailed`.
    pub(crate) async fn create_principal(
        &self,
        actor: &Actor,
        name: &str,
        days: u32,
        grant: Option<(Role, Scope)>,
    ) -> Result<NewSecret, Error> {
        actor.require(Permission::ManageAccounts)?;
        check_principal_name(name)?;
        check_secret_days(days)?;
        let installation = self.installation().await?;
        let (now, mut bytes) = (self.now(), [0; 16]);
        self.inner.context.ids.random(&mut bytes);
        let mut principal = ServicePrincipal {
            id: PrincipalId::new(self.new_uuid()),
            app_id: AppId::new(uuid::Builder::from_random_bytes(bytes).into_uuid()),
            name: name.to_owned(),
            enabled: true,
            created_at: now,
            created_by: actor.name.clone(),
            last_sign_in_at: None,
            secrets: Vec::new(),
        };
        let mut tx = self.inner.store.begin().await?;
        let row = ServicePrincipalRow { principal: principal.clone(), secret_hashes: Vec::new(), changed_at: now };
        tx.service_principal_insert(&row).await?;
        let (note, secret) = self.new_secret(&mut tx, principal.id, days).await?;
        principal.secrets.push(note);
        let mut detail = None;
        if let Some((role, scope)) = grant {
            self.require_at(&mut tx, actor, Permission::ManageAccounts, &scope).await?;
            let row = RoleAssignmentRow {
                id: RoleAssignmentId::new(self.new_uuid()),
                principal: principal.id,
                kind: PrincipalKind::ServicePrincipal,
                grant: Grant { role, scope },
                created_at: now,
                created_by: actor.name.clone(),
            };
            tx.role_assignment_insert(&row).await?;
            let given = self.with_names(&mut tx, row).await?;
            detail = Some(format!("{}, {}", role.label(), given.scope_label()));
        }
        let action = format!("created the service principal {name}");
        self.note(&mut tx, actor, &action, None, Outcome::Succeeded, detail).await?;
        self.commit(tx, access_touched()).await?;
        Ok(NewSecret { principal, secret, installation })
    }
}
