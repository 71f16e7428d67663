//! `GET …/extensions/{name}`.

use axum::{extract::State, response::Response};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, Asked, At, Expand, ExtensionPath},
        rendered,
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
) -> Result<Response, RestError> {
    let ((place, name), expanded) = (path.place(), expand.instance_view());
    let seen = state.control().extension_look(&caller.actor, &place, &name).await?;
    let (kept, key) = (&state.rendered().extensions, (seen.place(), expanded));
    let document = match kept.get(&key, &seen) {
        Some(document) => document,
        None => {
            let version = match expanded {
                true => Some(state.control().version_as_asked(seen.extension()).await?),
                false => None,
            };
            let body = ExtensionBody::of(&caller, seen.vm(), seen.extension(), version.as_ref());
            kept.keep(key, seen, &body)?
        }
    };
    Ok(rendered::answer(document))
}
