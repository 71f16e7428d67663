//! `PUT …/virtualMachines/{name}`: registers a machine, or replaces what is said of it.

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

/// Registers a machine, or replaces what is said of it
#[utoipa::path(
    put,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}",
    tag = "Virtual machines",
    operation_id = "VirtualMachines_CreateOrUpdate",
    params(VmPath, ApiVersion, conditions::Headers),
    request_body = VmSent,
    responses(
        (status = OK, description = "It was changed", body = VmBody),
        (status = CREATED, description = "It was registered", body = VmBody),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn put(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<VmPath>,
    headers: HeaderMap,
    Body(sent): Body<VmSent>,
) -> Result<Response, RestError> {
    let (conditions, place) = (conditions::read(&headers), path.place());
    let put = state.control().vm_put(&caller.actor, &place, sent.words(true)?, &conditions).await?;
    let machine = state.control().vm_look(&caller.actor, &place).await?;
    Ok(accepted(&caller, (put.made, &machine.vm.location), put.operation, vm_body(&caller, &machine, None)))
}
