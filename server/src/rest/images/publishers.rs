//! `GET …/publishers`.

use axum::{Json, extract::State};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, At, InLocation},
    },
    body::{Place, path, place},
};
use crate::state::AppState;

/// Lists publishers
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/publishers",
    tag = "Marketplace",
    operation_id = "VirtualMachineImages_ListPublishers",
    params(InLocation, ApiVersion),
    responses(
        (status = OK, description = "Everybody who publishes something, and every name that something stands in for", body = Vec<Place>),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn publishers(
    State(state): State<AppState>,
    caller: Caller,
    At(at): At<InLocation>,
) -> Result<Json<Vec<Place>>, RestError> {
    let publishers = state.control().publishers(&caller.actor).await?;
    let entry = |p: &domain::name::Publisher| place(&caller, &at.location, p.as_str(), &path(p.as_str(), None, None));
    Ok(Json(publishers.iter().map(entry).collect()))
}
