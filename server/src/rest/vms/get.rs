//! `GET …/virtualMachines/{name}`.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::fault::{Fault, FaultKind};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, Asked, At, Expand, VmPath},
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
    let (etag, expanded) = (etag(&seen.vm), expand.instance_view());
    let document = match state.rendered().get(&seen, expanded) {
        Some(document) => document,
        None => {
            let machine = seen.whole();
            let versions = match expanded {
                true => Some(state.control().versions_as_asked(&machine.extensions).await?),
                false => None,
            };
            let body = vm_body(&caller, &machine, versions.as_deref());
            let fault =
                |why: serde_json::Error| Fault::new(FaultKind::Internal, "InternalServerError", why.to_string());
            let document = Bytes::from(serde_json::to_vec(&body).map_err(fault)?);
            state.rendered().keep(seen, expanded, document.clone());
            document
        }
    };
    let kind = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, kind)], [(header::ETAG, etag)], document).into_response())
}
