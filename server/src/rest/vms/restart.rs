//! `POST …/virtualMachines/{name}/restart`: off and on.

use axum::{extract::State, response::Response};
use domain::{name::Location, vm::PowerAction};

use super::super::{
    caller::Caller,
    error::{ErrorBody, RestError},
    long_running::begun,
    params::{ApiVersion, At, VmPath},
};
use crate::state::AppState;

/// Switches a machine off and on
#[utoipa::path(
    post,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/restart",
    tag = "Virtual machines",
    operation_id = "VirtualMachines_Restart",
    params(VmPath, ApiVersion),
    responses(
        (status = ACCEPTED, description = "It was accepted; follow Azure-AsyncOperation"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn restart(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<VmPath>,
) -> Result<Response, RestError> {
    let operation = state.control().power_at(&caller.actor, &path.place(), PowerAction::Restart).await?;
    Ok(begun(&caller, Location::usual().as_str(), operation))
}
