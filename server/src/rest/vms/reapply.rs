//! `POST …/virtualMachines/{name}/reapply`: its agent reads the goal state once more.

use axum::{extract::State, response::Response};
use domain::name::Location;

use super::super::{
    caller::Caller,
    error::{ErrorBody, RestError},
    long_running::begun,
    params::{ApiVersion, At, VmPath},
};
use crate::state::AppState;

/// Has a machine read its goal state once more
#[utoipa::path(
    post,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/reapply",
    tag = "Virtual machines",
    operation_id = "VirtualMachines_Reapply",
    params(VmPath, ApiVersion),
    responses(
        (status = ACCEPTED, description = "It was accepted; follow Azure-AsyncOperation"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn reapply(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<VmPath>,
) -> Result<Response, RestError> {
    let operation = state.control().reapply(&caller.actor, &path.place()).await?;
    Ok(begun(&caller, Location::usual().as_str(), operation))
}
