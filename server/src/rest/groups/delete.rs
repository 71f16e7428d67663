//! `DELETE …/resourceGroups/{name}`: with every machine in it.

use axum::{extract::State, response::Response};
use domain::name::Location;

use super::super::{
    caller::Caller,
    error::{ErrorBody, RestError},
    long_running::begun,
    params::{ApiVersion, At, GroupPath},
    to_its_end,
};
use crate::state::AppState;

/// Decommissions every machine of a resource group, and deletes it
#[utoipa::path(
    delete,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}",
    tag = "Resource groups",
    operation_id = "ResourceGroups_Delete",
    params(GroupPath, ApiVersion),
    responses(
        (status = ACCEPTED, description = "It is deleted; follow Location"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<GroupPath>,
) -> Result<Response, RestError> {
    let (control, actor) = (state.control().clone(), caller.actor.clone());
    let operation = to_its_end(async move { control.group_delete(&actor, &path.resource_group_name).await }).await?;
    Ok(begun(&caller, Location::usual().as_str(), operation))
}
