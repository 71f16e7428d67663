//! `HEAD …/resourceGroups/{name}`: 204 or 404, without a body.

use axum::{extract::State, http::StatusCode};
use domain::fault::FaultKind;

use super::super::{
    caller::Caller,
    error::{ErrorBody, RestError},
    params::{ApiVersion, At, GroupPath},
};
use crate::state::AppState;

/// Tells whether a resource group is there
#[utoipa::path(
    head,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}",
    tag = "Resource groups",
    operation_id = "ResourceGroups_CheckExistence",
    params(GroupPath, ApiVersion),
    responses(
        (status = NO_CONTENT, description = "It is there"),
        (status = NOT_FOUND, description = "It is not there"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn exists(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<GroupPath>,
) -> Result<StatusCode, RestError> {
    match state.control().group_get(&caller.actor, &path.resource_group_name).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(error) if error.fault().kind == FaultKind::NotFound => Ok(StatusCode::NOT_FOUND),
        Err(error) => Err(error.into()),
    }
}
