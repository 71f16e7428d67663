//! `GET …/virtualMachines`, of all groups.

use axum::{Json, extract::State};

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, Asked, InSubscription},
    },
    body::VmList,
    page::{Page, page},
};
use crate::state::AppState;

/// Lists machines
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/virtualMachines",
    tag = "Virtual machines",
    operation_id = "VirtualMachines_ListAll",
    params(InSubscription, Page, ApiVersion),
    responses(
        (status = OK, description = "One page of machines that the caller may look at", body = VmList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn list_all(
    State(state): State<AppState>,
    caller: Caller,
    Asked(asked): Asked<Page>,
) -> Result<Json<VmList>, RestError> {
    page(&state, &caller, None, asked).await.map(Json)
}
