//! `GET {scope}/providers/Microsoft.Authorization/roleDefinitions`: the same roles at every scope.

use axum::{Json, extract::State};
use domain::actor::Role;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        filter,
        params::{ApiVersion, Asked, At, GroupPath, InSubscription, VmPath},
    },
    body::{DefinitionList, definition},
    paths::ScopePath,
};
use crate::state::AppState;

/// What the list is narrowed to.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct Narrowed {
    /// `roleName eq 'Reader'`; atScope() and the like say nothing more.
    #[serde(rename = "$filter", default)]
    filter: Option<String>,
}

async fn list(
    state: &AppState,
    caller: &Caller,
    path: &ScopePath,
    narrowed: Narrowed,
) -> Result<Json<DefinitionList>, RestError> {
    path.scope(state, caller).await?;
    let filter = narrowed.filter.filter(|text| !text.to_ascii_lowercase().starts_with("atscope"));
    let wanted = filter::read(filter.as_deref())?;
    let is_wanted = |role: &&Role| wanted.matches("rolename", role.label()) && wanted.matches("type", "BuiltInRole");
    Ok(Json(DefinitionList {
        value: Role::ALL.iter().filter(is_wanted).map(|role| definition(caller, *role)).collect(),
    }))
}

/// Lists the roles that can be given at the subscription
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleDefinitions",
    tag = "Access",
    operation_id = "RoleDefinitions_List_ForSubscription",
    params(InSubscription, Narrowed, ApiVersion),
    responses(
        (status = OK, description = "The roles", body = DefinitionList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn subscription(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
    Asked(narrowed): Asked<Narrowed>,
) -> Result<Json<DefinitionList>, RestError> {
    list(&state, &caller, &path, narrowed).await
}

/// Lists the roles that can be given at a resource group
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Authorization/roleDefinitions",
    tag = "Access",
    operation_id = "RoleDefinitions_List_ForResourceGroup",
    params(GroupPath, Narrowed, ApiVersion),
    responses(
        (status = OK, description = "The roles", body = DefinitionList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn group(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
    Asked(narrowed): Asked<Narrowed>,
) -> Result<Json<DefinitionList>, RestError> {
    list(&state, &caller, &path, narrowed).await
}

/// Lists the roles that can be given at a machine
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/providers/Microsoft.Authorization/roleDefinitions",
    tag = "Access",
    operation_id = "RoleDefinitions_List_ForResource",
    params(VmPath, Narrowed, ApiVersion),
    responses(
        (status = OK, description = "The roles", body = DefinitionList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn machine(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
    Asked(narrowed): Asked<Narrowed>,
) -> Result<Json<DefinitionList>, RestError> {
    list(&state, &caller, &path, narrowed).await
}
