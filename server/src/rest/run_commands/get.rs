//! `GET …/runCommands/{name}`.

use axum::{Json, extract::State};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, Asked, At, Expand, RunCommandPath},
    },
    body::RunCommandBody,
};
use crate::state::AppState;

/// Shows a run command
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/runCommands/{runCommandName}",
    tag = "Run commands",
    operation_id = "VirtualMachineRunCommands_GetByVirtualMachine",
    params(RunCommandPath, Expand, ApiVersion),
    responses(
        (status = OK, description = "The run command", body = RunCommandBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<RunCommandPath>,
    Asked(expand): Asked<Expand>,
) -> Result<Json<RunCommandBody>, RestError> {
    let (place, name) = path.place();
    let seen = state.control().run_command_look(&caller.actor, &place, &name).await?;
    Ok(Json(RunCommandBody::of(&caller, seen.vm(), seen.extension(), expand.instance_view())))
}
