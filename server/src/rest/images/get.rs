//! `GET …/types/{type}/versions/{version}`.

use axum::{Json, extract::State};
use domain::fault::{Fault, FaultKind};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, At},
    },
    body::{ImageBody, image},
    paths::VersionPath,
};
use crate::state::AppState;

/// Shows a version of an extension type
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/publishers/{publisherName}/artifacttypes/vmextension/types/{type}/versions/{version}",
    tag = "Marketplace",
    operation_id = "VirtualMachineExtensionImages_Get",
    params(VersionPath, ApiVersion),
    responses(
        (status = OK, description = "One version", body = ImageBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    At(at): At<VersionPath>,
) -> Result<Json<ImageBody>, RestError> {
    let versions = state.control().offered(&caller.actor, &at.publisher_name, &at.extension_type).await?;
    let found = versions.iter().find(|offered| offered.version.as_str() == at.version);
    let found = found.ok_or_else(|| {
        let there: Vec<&str> = versions.iter().map(|offered| offered.version.as_str()).collect();
        let message = format!(
            "The extension type '{}.{}' has no version '{}'. There is: {}.",
            at.publisher_name,
            at.extension_type,
            at.version,
            there.join(", ")
        );
        Fault::new(FaultKind::NotFound, "ArtifactVersionNotFound", message)
    })?;
    Ok(Json(image(&caller, &at.location, found)))
}
