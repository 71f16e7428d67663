//! `POST …/virtualMachines/{name}/powerOff`: switches it off.

use axum::{extract::State, response::Response};
use domain::{name::Location, vm::PowerAction};

use super::super::{
    caller::Caller,
    error::{ErrorBody, RestError},
    long_running::begun,
    params::{ApiVersion, At, VmPath},
};
use crate::state::AppState;

/// Switches a machine off
#[utoipa::path(
    post,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/powerOff",
    tag = "Virtual machines",
    operation_id = "VirtualMachines_PowerOff",
    params(VmPath, ApiVersion),
    responses(
        (status = ACCEPTED, description = "It was accepted; follow Azure-AsyncOperation"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn power_off(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<VmPath>,
) -> Result<Response, RestError> {
    let operation = state.control().power_at(&caller.actor, &path.place(), PowerAction::Stop).await?;
    Ok(begun(&caller, Location::usual().as_str(), operation))
}
