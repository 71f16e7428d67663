//! `GET …/resourceGroups/{name}`.

use axum::{Json, extract::State};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, At, GroupPath},
    },
    body::GroupBody,
};
use crate::state::AppState;

/// Shows a resource group
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}",
    tag = "Resource groups",
    operation_id = "ResourceGroups_Get",
    params(GroupPath, ApiVersion),
    responses(
        (status = OK, description = "The group", body = GroupBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<GroupPath>,
) -> Result<Json<GroupBody>, RestError> {
    let group = state.control().group_get(&caller.actor, &path.resource_group_name).await?;
    Ok(Json(GroupBody::of(&caller, group)))
}
