//! `DELETE {scope}/providers/Microsoft.Authorization/roleAssignments/{id}`.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, At, GroupPath, InSubscription, VmPath},
    },
    body::{AssignmentBody, assignment},
    paths::ScopePath,
};
use domain::{fault::FaultKind, portal::AccessCalls};

use crate::state::AppState;

async fn delete(state: &AppState, caller: &Caller, path: &ScopePath) -> Result<Response, RestError> {
    let scope = path.scope(state, caller).await?;
    state.control().may_give_roles(&caller.actor, &scope).await?;
    // one that was given at another scope is not there
    match state.control().role_assignment_get(&caller.actor, path.id()?).await {
        Ok(given) if given.scope == scope => {}
        Err(fault) if fault.kind != FaultKind::NotFound => return Err(fault.into()),
        _ => return Ok(StatusCode::NO_CONTENT.into_response()),
    }
    Ok(match state.control().role_unassign(&caller.actor, path.id()?).await? {
        Some(taken) => Json(assignment(state, caller, &taken).await?).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Takes a role away at the subscription
#[utoipa::path(
    delete,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    tag = "Access",
    operation_id = "RoleAssignments_Delete_ForSubscription",
    params(InSubscription, ("roleAssignmentName" = String, Path, description = "A GUID"), ApiVersion),
    responses(
        (status = OK, description = "What was taken away", body = AssignmentBody),
        (status = NO_CONTENT, description = "It was not there"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn subscription(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
) -> Result<Response, RestError> {
    delete(&state, &caller, &path).await
}

/// Takes a role away at a resource group
#[utoipa::path(
    delete,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    tag = "Access",
    operation_id = "RoleAssignments_Delete_ForResourceGroup",
    params(GroupPath, ("roleAssignmentName" = String, Path, description = "A GUID"), ApiVersion),
    responses(
        (status = OK, description = "What was taken away", body = AssignmentBody),
        (status = NO_CONTENT, description = "It was not there"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn group(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
) -> Result<Response, RestError> {
    delete(&state, &caller, &path).await
}

/// Takes a role away at a machine
#[utoipa::path(
    delete,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    tag = "Access",
    operation_id = "RoleAssignments_Delete_ForResource",
    params(VmPath, ("roleAssignmentName" = String, Path, description = "A GUID"), ApiVersion),
    responses(
        (status = OK, description = "What was taken away", body = AssignmentBody),
        (status = NO_CONTENT, description = "It was not there"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn machine(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
) -> Result<Response, RestError> {
    delete(&state, &caller, &path).await
}
