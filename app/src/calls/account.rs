//! The frame, home, activity and accounts.

use domain::{
    activity::{ActivityEntry, ActivityFilter},
    actor::Account,
    home::{Frame, Home},
    ids::AccountId,
    page::{Page, PageRequest},
    secret::Secret,
};
use leptos::prelude::*;

use crate::{
    calls::protocol::{Change, Read},
    error::UiError,
};
#[cfg(feature = "ssr")]
use crate::{calls::told, session::request_scope};

/// The frame around every page.
#[server(name = ReadFrame, endpoint = "frame", protocol = Read)]
pub async fn frame() -> Result<Frame, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.frame(&actor).await.map_err(told)
}

/// The home page.
#[server(name = ReadHome, endpoint = "home", protocol = Read)]
pub async fn home() -> Result<Home, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.home(&actor).await.map_err(told)
}

/// One page of the activity log.
#[server(endpoint = "activity", protocol = Read)]
pub async fn activity_list(filter: ActivityFilter, page: PageRequest) -> Result<Page<ActivityEntry>, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.activity_list(&actor, filter, page).await.map_err(told)
}

/// All accounts.
#[server(endpoint = "accounts", protocol = Read)]
pub async fn account_list() -> Result<Vec<Account>, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.account_list(&actor).await.map_err(told)
}

/// A new account. `role` is a role's label.
#[server(endpoint = "accounts/create", protocol = Change)]
pub async fn account_create(name: String, role: String, password: Secret) -> Result<Account, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    let role = role_named(&role).map_err(told)?;
    portal.account_create(&actor, name, role, password).await.map_err(told)
}

/// Role and whether it may sign in. `enabled`: `true` or `false`.
#[server(endpoint = "accounts/update", protocol = Change)]
pub async fn account_update(id: AccountId, role: String, enabled: bool) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    let role = role_named(&role).map_err(told)?;
    portal.account_update(&actor, id, role, enabled).await.map_err(told)
}

/// One's own password.
#[server(endpoint = "account/password", protocol = Change)]
pub async fn password_change(old: Secret, new: Secret, repeated: Secret) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    if new != repeated {
        return Err(told(domain::fault::Fault::invalid("repeated", "The two new passwords differ.")));
    }
    portal.password_change(&actor, old, new).await.map_err(told)?;
    leptos_axum::redirect(&crate::paths::with_query(crate::paths::ACCOUNT, &[("done", "password")]));
    Ok(())
}

#[cfg(feature = "ssr")]
pub(super) fn role_named(text: &str) -> Result<domain::actor::Role, domain::fault::Fault> {
    domain::actor::Role::parse(text).ok_or_else(|| {
        let names = domain::actor::Role::ALL.map(domain::actor::Role::label).join(", ");
        domain::fault::Fault::invalid("role", format!("{text:?} is not a role. The roles are {names}."))
    })
}
