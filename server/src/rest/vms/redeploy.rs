//! `POST …/virtualMachines/{name}/redeploy`: Annex has no other host to move it to, so it is restarted.

use axum::{extract::State, response::Response};
use domain::{name::Location, vm::PowerAction};

use super::super::{
    caller::Caller,
    error::{ErrorBody, RestError},
    long_running::begun,
    params::{ApiVersion, At, VmPath},
};
use crate::state::AppState;

/// Restarts a machine where it is
#[utoipa::path(
    post,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/redeploy",
    tag = "Virtual machines",
    operation_id = "VirtualMachines_Redeploy",
    params(VmPath, ApiVersion),
    responses(
        (status = ACCEPTED, description = "It was accepted; follow Azure-AsyncOperation"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn redeploy(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<VmPath>,
) -> Result<Response, RestError> {
    let operation = state.control().power_at(&caller.actor, &path.place(), PowerAction::Restart).await?;
    Ok(begun(&caller, Location::usual().as_str(), operation))
}
