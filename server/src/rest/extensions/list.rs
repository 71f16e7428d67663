//! `GET …/extensions`: all but run commands, which have a list of their own.

use axum::{Json, extract::State};
use control::run_commands::is_run_command;

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, Asked, At, Expand, VmPath},
    },
    body::{ExtensionBody, ExtensionList},
};
use crate::state::AppState;

/// Lists the extensions of a machine
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/extensions",
    tag = "Extensions",
    operation_id = "VirtualMachineExtensions_List",
    params(VmPath, Expand, ApiVersion),
    responses(
        (status = OK, description = "The extensions of the machine", body = ExtensionList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<VmPath>,
    Asked(expand): Asked<Expand>,
) -> Result<Json<ExtensionList>, RestError> {
    let machine = state.control().vm_look(&caller.actor, &path.place()).await?;
    let versions = state.control().versions_as_asked(&machine.extensions).await?;
    let shown = machine.extensions.iter().zip(&versions).filter(|(extension, _)| !is_run_command(extension));
    let value = shown.map(|(extension, version)| {
        ExtensionBody::of(&caller, &machine.vm, extension, expand.instance_view().then_some(version))
    });
    Ok(Json(ExtensionList { value: value.collect() }))
}
