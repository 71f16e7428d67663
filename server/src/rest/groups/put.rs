//! `PUT …/resourceGroups/{name}`.

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
use axum::{Json, extract::State, http::StatusCode};

/// Makes a resource group, or replaces its tags
#[utoipa::path(
    put,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}",
    tag = "Resource groups",
    operation_id = "ResourceGroups_CreateOrUpdate",
    params(GroupPath, ApiVersion),
    request_body = GroupSent,
    responses(
        (status = OK, description = "Its tags were replaced", body = GroupBody),
        (status = CREATED, description = "It was made", body = GroupBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn put(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<GroupPath>,
    Body(sent): Body<GroupSent>,
) -> Result<(StatusCode, Json<GroupBody>), RestError> {
    let location = sent.location.filter(|text| !text.trim().is_empty()).map(|text| text.parse()).transpose()?;
    let tags = sent.tags.unwrap_or_default();
    let put = state.control().group_put(&caller.actor, &path.resource_group_name, location, tags);
    let (group, made) = put.await?;
    let status = if made { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(GroupBody::of(&caller, group))))
}
