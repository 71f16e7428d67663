//! `DELETE …/runCommands/{name}`: what runs is stopped.

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
    params::{ApiVersion, At, RunCommandPath},
};
use crate::state::AppState;

/// Stops and removes a run command
#[utoipa::path(
    delete,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/runCommands/{runCommandName}",
    tag = "Run commands",
    operation_id = "VirtualMachineRunCommands_Delete",
    params(RunCommandPath, ApiVersion),
    responses(
        (status = ACCEPTED, description = "It is removed; follow Azure-AsyncOperation"),
        (status = NO_CONTENT, description = "It was not there"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<RunCommandPath>,
) -> Result<Response, RestError> {
    let (place, name) = path.place();
    Ok(match state.control().run_command_delete(&caller.actor, &place, &name).await? {
        Some(operation) => begun(&caller, Location::usual().as_str(), operation),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}
