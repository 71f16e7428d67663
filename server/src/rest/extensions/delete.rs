//! `DELETE …/extensions/{name}`.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::name::Location;

use super::super::{
    caller::Caller,
    error::{ErrorBody, RestError},
    long_running::begun,
    params::{ApiVersion, At, ExtensionPath},
};
use crate::state::AppState;

/// Removes an extension
#[utoipa::path(
    delete,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/extensions/{vmExtensionName}",
    tag = "Extensions",
    operation_id = "VirtualMachineExtensions_Delete",
    params(ExtensionPath, ApiVersion),
    responses(
        (status = ACCEPTED, description = "It is removed; follow Azure-AsyncOperation"),
        (status = NO_CONTENT, description = "It was not there"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ExtensionPath>,
) -> Result<Response, RestError> {
    let (place, name) = path.place();
    Ok(match state.control().extension_unask(&caller.actor, &place, &name).await? {
        Some(operation) => begun(&caller, Location::usual().as_str(), operation),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}
