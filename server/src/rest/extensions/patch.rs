//! `PATCH …/extensions/{name}`.

use axum::{extract::State, response::Response};
use domain::asked_extension::Extent;

use super::{
    super::{
        body::Body,
        caller::Caller,
        error::{ErrorBody, RestError},
        long_running::accepted,
        params::{ApiVersion, At, ExtensionPath},
    },
    body::{ExtensionBody, ExtensionSent},
};
use crate::state::AppState;

/// Changes what is given of an extension
#[utoipa::path(
    patch,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/extensions/{vmExtensionName}",
    tag = "Extensions",
    operation_id = "VirtualMachineExtensions_Update",
    params(ExtensionPath, ApiVersion),
    request_body = ExtensionSent,
    responses(
        (status = OK, description = "It is changed", body = ExtensionBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn patch(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ExtensionPath>,
    Body(sent): Body<ExtensionSent>,
) -> Result<Response, RestError> {
    let (place, name) = path.place();
    let asked = state.control().extension_ask(&caller.actor, &place, &name, &sent.asked()?, Extent::Part).await?;
    let (machine, extension) = &asked.now;
    let body = ExtensionBody::of(&caller, &machine.vm, extension, None);
    Ok(accepted(&caller, (asked.made, &machine.vm.location), asked.operation, body))
}
