//! `GET …/virtualMachines/{name}/runCommands`.

use axum::{Json, extract::State};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, Asked, At, Expand, VmPath},
    },
    body::{RunCommandBody, RunCommandList},
};
use crate::state::AppState;

/// Lists the run commands of a machine
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/runCommands",
    tag = "Run commands",
    operation_id = "VirtualMachineRunCommands_ListByVirtualMachine",
    params(VmPath, Expand, ApiVersion),
    responses(
        (status = OK, description = "The run commands of the machine", body = RunCommandList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<VmPath>,
    Asked(expand): Asked<Expand>,
) -> Result<Json<RunCommandList>, RestError> {
    let (machine, commands) = state.control().run_command_list(&caller.actor, &path.place()).await?;
    let body = |extension| RunCommandBody::of(&caller, &machine.vm, extension, expand.instance_view());
    Ok(Json(RunCommandList { value: commands.iter().map(body).collect() }))
}
