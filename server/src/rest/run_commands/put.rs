//! `PUT …/runCommands/{name}`.

use axum::{extract::State, response::Response};
use domain::asked_extension::Extent;

use super::{
    super::{
        body::Body,
        caller::Caller,
        error::{ErrorBody, RestError},
        long_running::accepted,
        params::{ApiVersion, At, RunCommandPath},
    },
    body::{RunCommandBody, RunCommandSent},
};
use crate::state::AppState;

/// Makes or replaces a run command, and runs it
#[utoipa::path(
    put,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/runCommands/{runCommandName}",
    tag = "Run commands",
    operation_id = "VirtualMachineRunCommands_CreateOrUpdate",
    params(RunCommandPath, ApiVersion),
    request_body = RunCommandSent,
    responses(
        (status = OK, description = "It is changed", body = RunCommandBody),
        (status = CREATED, description = "It is made", body = RunCommandBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn put(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<RunCommandPath>,
    Body(sent): Body<RunCommandSent>,
) -> Result<Response, RestError> {
    let (control, (place, name)) = (state.control(), path.place());
    let (settings, protected) = sent.asked(None)?;
    let put = control.run_command_put(&caller.actor, &place, &name, settings, protected, Extent::Whole).await?;
    let (machine, extension) = &put.now;
    let body = RunCommandBody::of(&caller, &machine.vm, extension, false);
    Ok(accepted(&caller, (put.made, &machine.vm.location), put.operation, body))
}
