//! `GET …/virtualMachines`, of one group.

use axum::{Json, extract::State};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, Asked, At, GroupPath},
    },
    body::VmList,
    page::{Page, page},
};
use crate::state::AppState;

/// Lists the machines of a resource group
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines",
    tag = "Virtual machines",
    operation_id = "VirtualMachines_List",
    params(GroupPath, Page, ApiVersion),
    responses(
        (status = OK, description = "One page of machines that the caller may look at", body = VmList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<GroupPath>,
    Asked(asked): Asked<Page>,
) -> Result<Json<VmList>, RestError> {
    page(&state, &caller, Some(path.resource_group_name), asked).await.map(Json)
}
