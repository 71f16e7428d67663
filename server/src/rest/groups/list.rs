//! `GET …/resourceGroups`.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        filter,
        params::{ApiVersion, Asked, InSubscription},
    },
    body::{GroupBody, GroupList},
};
use crate::state::AppState;

/// What a list is narrowed to.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct Narrowed {
    /// `tagName eq 'a' and tagValue eq 'b'`.
    #[serde(rename = "$filter", default)]
    filter: Option<String>,
}

/// Lists resource groups
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups",
    tag = "Resource groups",
    operation_id = "ResourceGroups_List",
    params(InSubscription, Narrowed, ApiVersion),
    responses(
        (status = OK, description = "The groups that the caller may look at", body = GroupList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Asked(narrowed): Asked<Narrowed>,
) -> Result<Json<GroupList>, RestError> {
    let wanted = filter::read(narrowed.filter.as_deref())?;
    let mut groups = state.control().group_list(&caller.actor).await?;
    groups.retain(|group| wanted.has_tags(&group.tags));
    Ok(Json(GroupList { value: groups.into_iter().map(|group| GroupBody::of(&caller, group)).collect() }))
}
