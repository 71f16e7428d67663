//! Programs that sign in, and roles at scopes: one use case a file.
//!
//! Roles are given by whoever manages access at the scope (an Owner there). Service principals belong to the whole
//! portal, so they take an Owner of the subscription.

mod assign;
mod installation;
mod principal_create;
mod principal_delete;
mod principal_enable;
mod principals;
mod roles;
mod scopes;
mod secret_add;
mod secret_remove;
mod unassign;
mod view;

use async_trait::async_trait;
use domain::{
    access::{AccessView, Installation, NewSecret, RoleAssignment, RoleOrder},
    actor::{Actor, Role},
    fault::Fault,
    ids::{PrincipalId, RoleAssignmentId, SecretId},
    live::Topic,
    portal::AccessCalls,
    scope::Scope,
};

use crate::{Control, operations::driver::Touched};

#[async_trait]
impl AccessCalls for Control {
    async fn access_view(&self, actor: &Actor) -> Result<AccessView, Fault> {
        Ok(self.view_access(actor).await?)
    }

    async fn scope_named(&self, actor: &Actor, place: &str, name: &str) -> Result<Scope, Fault> {
        Ok(self.named_scope(actor, place, name).await?)
    }

    async fn principal_create(
        &self,
        actor: &Actor,
        name: String,
        days: u32,
        grant: Option<(Role, Scope)>,
    ) -> Result<NewSecret, Fault> {
        Ok(self.create_principal(actor, name.trim(), days, grant).await?)
    }

    async fn principal_enable(&self, actor: &Actor, id: PrincipalId, enabled: bool) -> Result<(), Fault> {
        Ok(self.enable_principal(actor, id, enabled).await?)
    }

    async fn principal_delete(&self, actor: &Actor, id: PrincipalId) -> Result<(), Fault> {
        Ok(self.delete_principal(actor, id).await?)
    }

    async fn principal_secret_add(&self, actor: &Actor, id: PrincipalId, days: u32) -> Result<NewSecret, Fault> {
        Ok(self.add_secret(actor, id, days).await?)
    }

    async fn principal_secret_remove(&self, actor: &Actor, id: PrincipalId, secret: SecretId) -> Result<(), Fault> {
        Ok(self.remove_secret(actor, id, secret).await?)
    }

    async fn role_assign(&self, actor: &Actor, order: RoleOrder) -> Result<RoleAssignment, Fault> {
        Ok(self.assign_role(actor, order).await?)
    }

    async fn role_assignment_list(&self, actor: &Actor) -> Result<Vec<RoleAssignment>, Fault> {
        Ok(self.list_roles(actor).await?)
    }

    async fn role_assignment_get(&self, actor: &Actor, id: RoleAssignmentId) -> Result<RoleAssignment, Fault> {
        Ok(self.get_role(actor, id).await?)
    }

    async fn role_unassign(&self, actor: &Actor, id: RoleAssignmentId) -> Result<Option<RoleAssignment>, Fault> {
        Ok(self.unassign_role(actor, id).await?)
    }

    async fn installation_ids(&self) -> Result<Installation, Fault> {
        Ok(self.installation().await?)
    }

    async fn token_key_rotate(&self, actor: &Actor) -> Result<(), Fault> {
        Ok(self.rotate_token_key(actor).await?)
    }
}

/// Pages about access, and the activity log, read again.
pub(crate) fn access_touched() -> Touched {
    let mut touched = Touched::default();
    touched.topic(Topic::Accounts);
    touched.topic(Topic::Activity);
    touched
}
