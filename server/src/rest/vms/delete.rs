//! `DELETE …/virtualMachines/{name}`: decommissions it.

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
    params::{ApiVersion, At, VmPath},
    to_its_end,
};
use crate::state::AppState;

/// Decommissions a machine
#[utoipa::path(
    delete,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}",
    tag = "Virtual machines",
    operation_id = "VirtualMachines_Delete",
    params(VmPath, ApiVersion),
    responses(
        (status = ACCEPTED, description = "It is decommissioned; follow Azure-AsyncOperation"),
        (status = NO_CONTENT, description = "It was not there"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<VmPath>,
) -> Result<Response, RestError> {
    let (control, actor, place) = (state.control().clone(), caller.actor.clone(), path.place());
    let done = to_its_end(async move { control.vm_remove(&actor, &place).await }).await?;
    Ok(match done {
        Some(operation) => begun(&caller, Location::usual().as_str(), operation),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}
