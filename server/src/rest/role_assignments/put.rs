//! `PUT {scope}/providers/Microsoft.Authorization/roleAssignments/{id}`.

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    access::RoleOrder,
    fault::{Fault, FaultKind},
};

use super::{
    super::{
        body::Body,
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, At, GroupPath, InSubscription, VmPath},
    },
    body::{AssignmentBody, AssignmentSent, assignment},
    paths::ScopePath,
};
use domain::portal::AccessCalls;

use crate::state::AppState;

async fn put(
    state: &AppState,
    caller: &Caller,
    path: &ScopePath,
    sent: AssignmentSent,
) -> Result<(StatusCode, Json<AssignmentBody>), RestError> {
    let scope = path.scope(state, caller).await?;
    state.control().may_give_roles(&caller.actor, &scope).await?;
    let (id, (role, principal)) = (path.id()?, sent.read()?);
    let principal = principal.parse().map_err(|_: Fault| {
        let message = format!("Principal {principal:?} does not exist here. Give the object id of an account, a service principal or a machine.");
        Fault::new(FaultKind::Invalid, "PrincipalNotFound", message).at("properties.principalId")
    })?;
    let there = state.control().role_assignment_get(&caller.actor, id).await.is_ok();
    let order = RoleOrder { id: Some(id), principal, role, scope };
    let given = state.control().role_assign(&caller.actor, order).await?;
    let status = if there { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(assignment(state, caller, &given).await?)))
}

/// Gives a role at the subscription
#[utoipa::path(
    put,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    tag = "Access",
    operation_id = "RoleAssignments_Create_ForSubscription",
    params(InSubscription, ("roleAssignmentName" = String, Path, description = "A GUID"), ApiVersion),
    request_body = AssignmentSent,
    responses(
        (status = OK, description = "It was there already", body = AssignmentBody),
        (status = CREATED, description = "The role was given", body = AssignmentBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn subscription(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
    Body(sent): Body<AssignmentSent>,
) -> Result<(StatusCode, Json<AssignmentBody>), RestError> {
    put(&state, &caller, &path, sent).await
}

/// Gives a role at a resource group
#[utoipa::path(
    put,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    tag = "Access",
    operation_id = "RoleAssignments_Create_ForResourceGroup",
    params(GroupPath, ("roleAssignmentName" = String, Path, description = "A GUID"), ApiVersion),
    request_body = AssignmentSent,
    responses(
        (status = OK, description = "It was there already", body = AssignmentBody),
        (status = CREATED, description = "The role was given", body = AssignmentBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn group(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
    Body(sent): Body<AssignmentSent>,
) -> Result<(StatusCode, Json<AssignmentBody>), RestError> {
    put(&state, &caller, &path, sent).await
}

/// Gives a role at a machine
#[utoipa::path(
    put,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    tag = "Access",
    operation_id = "RoleAssignments_Create_ForResource",
    params(VmPath, ("roleAssignmentName" = String, Path, description = "A GUID"), ApiVersion),
    request_body = AssignmentSent,
    responses(
        (status = OK, description = "It was there already", body = AssignmentBody),
        (status = CREATED, description = "The role was given", body = AssignmentBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn machine(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
    Body(sent): Body<AssignmentSent>,
) -> Result<(StatusCode, Json<AssignmentBody>), RestError> {
    put(&state, &caller, &path, sent).await
}
