//! `GET …/virtualMachines/{name}`.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

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
    let machine = state.control().vm_look(&caller.actor, &path.place()).await?;
    let versions = match expand.instance_view() {
        true => Some(state.control().versions_as_asked(&machine.extensions).await?),
        false => None,
    };
    let body = Json(vm_body(&caller, &machine, versions.as_deref()));
    Ok(([(header::ETAG, etag(&machine.vm))], body).into_response())
}
