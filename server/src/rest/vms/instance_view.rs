//! `GET …/virtualMachines/{name}/instanceView`: what it reported, bare.

use axum::{Json, extract::State};
use domain::instance_view::{VmView, vm_view};

use super::super::{
    caller::Caller,
    error::{ErrorBody, RestError},
    params::{ApiVersion, At, VmPath},
};
use crate::state::AppState;

/// Shows what a machine reported
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/instanceView",
    tag = "Virtual machines",
    operation_id = "VirtualMachines_InstanceView",
    params(VmPath, ApiVersion),
    responses(
        (status = OK, description = "What it reported", body = VmView),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn instance_view(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<VmPath>,
) -> Result<Json<VmView>, RestError> {
    let machine = state.control().vm_look(&caller.actor, &path.place()).await?;
    let versions = state.control().versions_as_asked(&machine.extensions).await?;
    Ok(Json(vm_view(&machine.vm, machine.health.word(), &machine.extensions, &versions)))
}
