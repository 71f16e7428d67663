//! `PATCH …/runCommands/{name}`.

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

/// Changes what is given of a run command, and runs it
#[utoipa::path(
    patch,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/runCommands/{runCommandName}",
    tag = "Run commands",
    operation_id = "VirtualMachineRunCommands_Update",
    params(RunCommandPath, ApiVersion),
    request_body = RunCommandSent,
    responses(
        (status = OK, description = "It is changed", body = RunCommandBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn patch(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<RunCommandPath>,
    Body(sent): Body<RunCommandSent>,
) -> Result<Response, RestError> {
    let (control, (place, name)) = (state.control(), path.place());
    let before = control.run_command_look(&caller.actor, &place, &name).await?;
    let (settings, protected) = sent.asked(Some(&before.extension().settings))?;
    let put = control.run_command_put(&caller.actor, &place, &name, settings, protected, Extent::Part).await?;
    let (machine, extension) = &put.now;
    let body = RunCommandBody::of(&caller, &machine.vm, extension, false);
    Ok(accepted(&caller, (put.made, &machine.vm.location), put.operation, body))
}
