//! `GET …/extensions/{name}`.

use axum::{Json, extract::State};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, Asked, At, Expand, ExtensionPath},
    },
    body::ExtensionBody,
};
use crate::state::AppState;

/// Shows an extension
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/extensions/{vmExtensionName}",
    tag = "Extensions",
    operation_id = "VirtualMachineExtensions_Get",
    params(ExtensionPath, Expand, ApiVersion),
    responses(
        (status = OK, description = "The extension", body = ExtensionBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ExtensionPath>,
    Asked(expand): Asked<Expand>,
) -> Result<Json<ExtensionBody>, RestError> {
    let (place, name) = path.place();
    let (machine, extension) = state.control().extension_look(&caller.actor, &place, &name).await?;
    let version = match expand.instance_view() {
        true => Some(state.control().version_as_asked(&extension).await?),
        false => None,
    };
    Ok(Json(ExtensionBody::of(&caller, &machine.vm, &extension, version.as_ref())))
}
