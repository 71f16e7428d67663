//! `GET {scope}/providers/Microsoft.Authorization/roleAssignments/{id}`.

use axum::{Json, extract::State};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, At, GroupPath, InSubscription, VmPath},
    },
    body::{AssignmentBody, assignment},
    paths::ScopePath,
};
use domain::{fault::Fault, portal::AccessCalls};

use crate::state::AppState;

async fn get(state: &AppState, caller: &Caller, path: &ScopePath) -> Result<Json<AssignmentBody>, RestError> {
    let scope = path.scope(state, caller).await?;
    let given = state.control().role_assignment_get(&caller.actor, path.id()?).await?;
    if given.scope != scope {
        return Err(Fault::not_found(format!("There is no role assignment {} at this scope.", given.id)).into());
    }
    Ok(Json(assignment(state, caller, &given).await?))
}

/// Shows a role assignment at the subscription
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    tag = "Access",
    operation_id = "RoleAssignments_Get_ForSubscription",
    params(InSubscription, ("roleAssignmentName" = String, Path, description = "A GUID"), ApiVersion),
    responses(
        (status = OK, description = "The role assignment", body = AssignmentBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn subscription(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
) -> Result<Json<AssignmentBody>, RestError> {
    get(&state, &caller, &path).await
}

/// Shows a role assignment at a resource group
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    tag = "Access",
    operation_id = "RoleAssignments_Get_ForResourceGroup",
    params(GroupPath, ("roleAssignmentName" = String, Path, description = "A GUID"), ApiVersion),
    responses(
        (status = OK, description = "The role assignment", body = AssignmentBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn group(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
) -> Result<Json<AssignmentBody>, RestError> {
    get(&state, &caller, &path).await
}

/// Shows a role assignment at a machine
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    tag = "Access",
    operation_id = "RoleAssignments_Get_ForResource",
    params(VmPath, ("roleAssignmentName" = String, Path, description = "A GUID"), ApiVersion),
    responses(
        (status = OK, description = "The role assignment", body = AssignmentBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn machine(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
) -> Result<Json<AssignmentBody>, RestError> {
    get(&state, &caller, &path).await
}
