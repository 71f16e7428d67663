//! `PATCH …/resourceGroups/{name}`.

use axum::{Json, extract::State};

use super::{
    super::{
        body::Body,
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, At, GroupPath},
    },
    body::{GroupBody, GroupSent},
};
use crate::state::AppState;

/// Replaces the tags of a resource group
#[utoipa::path(
    patch,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}",
    tag = "Resource groups",
    operation_id = "ResourceGroups_Update",
    params(GroupPath, ApiVersion),
    request_body = GroupSent,
    responses(
        (status = OK, description = "The group", body = GroupBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn patch(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<GroupPath>,
    Body(sent): Body<GroupSent>,
) -> Result<Json<GroupBody>, RestError> {
    let group = state.control().group_patch(&caller.actor, &path.resource_group_name, sent.tags).await?;
    Ok(Json(GroupBody::of(&caller, group)))
}
