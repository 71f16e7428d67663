//! `GET …/publishers/{publisher}/artifacttypes/vmextension/types`.

use axum::{Json, extract::State};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, At},
    },
    body::{Place, path, place},
    paths::PublisherPath,
};
use crate::state::AppState;

/// Lists the extension types of a publisher
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/publishers/{publisherName}/artifacttypes/vmextension/types",
    tag = "Marketplace",
    operation_id = "VirtualMachineExtensionImages_ListTypes",
    params(PublisherPath, ApiVersion),
    responses(
        (status = OK, description = "The types of a publisher", body = Vec<Place>),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn types(
    State(state): State<AppState>,
    caller: Caller,
    At(at): At<PublisherPath>,
) -> Result<Json<Vec<Place>>, RestError> {
    let types = state.control().types_of(&caller.actor, &at.publisher_name).await?;
    let entries = types.iter().map(|(publisher, extension_type)| {
        let path = path(publisher.as_str(), Some(extension_type.as_str()), None);
        place(&caller, &at.location, extension_type.as_str(), &path)
    });
    Ok(Json(entries.collect()))
}
