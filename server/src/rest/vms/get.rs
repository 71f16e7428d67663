//! `GET …/virtualMachines/{name}`.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, Asked, At, Expand, VmPath},
        rendered,
    },
    body::{VmBody, etag, vm_body},
};
use crate::state::AppState;

/// Shows a machine
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}",
    tag = "Virtual machines",
    operation_id = "VirtualMachines_Get",
    params(VmPath, Expand, ApiVersion),
    responses(
        (status = OK, description = "The machine", body = VmBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<VmPath>,
    Asked(expand): Asked<Expand>,
) -> Result<Response, RestError> {
    let seen = state.control().vm_seen(&caller.actor, &path.place()).await?;
    let (etag, expanded) = (etag(seen.generation()), expand.instance_view());
    let (kept, key) = (&state.rendered().vms, (seen.id(), expanded));
    let document = match kept.get(&key, &seen) {
        Some(document) => document,
        None => {
            let machine = seen.whole();
            let versions = match expanded {
                true => Some(state.control().versions_as_asked(&machine.extensions).await?),
                false => None,
            };
            kept.keep(key, seen, &vm_body(&caller, &machine, versions.as_deref()))?
        }
    };
    Ok(([(header::ETAG, etag)], rendered::answer(document)).into_response())
}
