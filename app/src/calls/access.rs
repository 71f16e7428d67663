//! Service principals, their secrets, and roles at scopes.

use domain::{
    access::{AccessView, NewSecret, RoleAssignment},
    ids::{PrincipalId, RoleAssignmentId, SecretId},
};
use leptos::prelude::*;

use super::protocol::{Change, Read};
use crate::error::UiError;
#[cfg(feature = "ssr")]
use crate::{calls::told, session::request_scope};

/// Everything that the page shows about programs and roles.
#[server(name = ReadAccess, endpoint = "access", protocol = Read)]
pub async fn access_view() -> Result<AccessView, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.access_view(&actor).await.map_err(told)
}

/// A new service principal. Its secret travels in the answer once. `role` is a role's label, empty for none; `place` and
/// `place_name` say where it holds.
#[server(endpoint = "access/principals/create", protocol = Change)]
pub async fn principal_create(
    name: String,
    days: u32,
    #[server(default)] role: String,
    #[server(default)] place: String,
    #[server(default)] place_name: String,
) -> Result<NewSecret, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    let grant = match role.as_str() {
        "" => None,
        role => {
            let role = super::account::role_named(role).map_err(told)?;
            Some((role, portal.scope_named(&actor, &place, &place_name).await.map_err(told)?))
        }
    };
    portal.principal_create(&actor, name, days, grant).await.map_err(told)
}

/// Whether it may sign in. `enabled`: `true` or `false`.
#[server(endpoint = "access/principals/enable", protocol = Change)]
pub async fn principal_enable(id: PrincipalId, enabled: bool) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.principal_enable(&actor, id, enabled).await.map_err(told)
}

/// Forgets it.
#[server(endpoint = "access/principals/delete", protocol = Change)]
pub async fn principal_delete(id: PrincipalId) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.principal_delete(&actor, id).await.map_err(told)
}

/// Another secret. It travels in the answer once.
#[server(endpoint = "access/secrets/add", protocol = Change)]
pub async fn secret_add(id: PrincipalId, days: u32) -> Result<NewSecret, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.principal_secret_add(&actor, id, days).await.map_err(told)
}

/// Takes a secret away. `note` is the secret's id.
#[server(endpoint = "access/secrets/remove", protocol = Change)]
pub async fn secret_remove(id: PrincipalId, note: SecretId) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.principal_secret_remove(&actor, id, note).await.map_err(told)
}

/// Gives a role. `role` is a role's label; `place` and `place_name` say where.
#[server(endpoint = "access/roles/assign", protocol = Change)]
pub async fn role_assign(
    principal: PrincipalId,
    role: String,
    place: String,
    #[server(default)] place_name: String,
) -> Result<RoleAssignment, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    let role = super::account::role_named(&role).map_err(told)?;
    let scope = portal.scope_named(&actor, &place, &place_name).await.map_err(told)?;
    let order = domain::access::RoleOrder { id: None, principal, role, scope };
    portal.role_assign(&actor, order).await.map_err(told)
}

/// Takes a role away.
#[server(endpoint = "access/roles/remove", protocol = Change)]
pub async fn role_remove(id: RoleAssignmentId) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.role_unassign(&actor, id).await.map(drop).map_err(told)
}
