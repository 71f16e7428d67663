//! `PATCH …/virtualMachines/{name}`: tags as a whole, flags one by one.

use axum::{extract::State, http::HeaderMap, response::Response};

use super::{
    super::{
        body::Body,
        caller::Caller,
        conditions,
        error::{ErrorBody, RestError},
        long_running::accepted,
        params::{ApiVersion, At, VmPath},
    },
    body::{VmBody, VmSent, vm_body},
};
use crate::state::AppState;

/// Changes what is given
#[utoipa::path(
    patch,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}",
    tag = "Virtual machines",
    operation_id = "VirtualMachines_Update",
    params(VmPath, ApiVersion, conditions::Headers),
    request_body = VmSent,
    responses(
        (status = OK, description = "It was changed", body = VmBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn patch(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<VmPath>,
    headers: HeaderMap,
    Body(sent): Body<VmSent>,
) -> Result<Response, RestError> {
    let (conditions, place) = (conditions::read(&headers), path.place());
    let patched = state.control().vm_patch(&caller.actor, &place, sent.words(false)?, &conditions).await?;
    let machine = state.control().vm_look(&caller.actor, &place).await?;
    Ok(accepted(&caller, (false, &machine.vm.location), patched.operation, vm_body(&caller, &machine, None)))
}
