//! Operations.

use domain::{
    ids::{OperationId, VmId},
    operation::{OperationDetail, OperationFilter, OperationSummary},
    page::{Page, PageRequest},
    run_output::RunOutput,
};
use leptos::prelude::*;

use crate::{
    calls::protocol::{Change, Read},
    error::UiError,
};
#[cfg(feature = "ssr")]
use crate::{calls::told, paths, session::request_scope};

/// One page of operations.
#[server(endpoint = "operations", protocol = Read)]
pub async fn operation_list(filter: OperationFilter, page: PageRequest) -> Result<Page<OperationSummary>, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.operation_list(&actor, filter, page).await.map_err(told)
}

/// One operation.
#[server(endpoint = "operations/get", protocol = Read)]
pub async fn operation_get(id: OperationId) -> Result<OperationDetail, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.operation_get(&actor, id).await.map_err(told)
}

/// Records of one machine's run from number `from` on.
#[server(endpoint = "operations/output", protocol = Read)]
pub async fn operation_output(id: OperationId, vm: VmId, from: u64) -> Result<RunOutput, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.operation_output(&actor, id, vm, from).await.map_err(told)
}

/// Withdraws what has not begun: on one machine, or on all when `vm` is not given.
#[server(endpoint = "operations/cancel", protocol = Change)]
pub async fn operation_cancel(id: OperationId, vm: Option<VmId>) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.operation_cancel(&actor, id, vm).await.map_err(told)?;
    leptos_axum::redirect(&paths::operation(id));
    Ok(())
}

/// Tries again on the machines that failed.
#[server(endpoint = "operations/retry", protocol = Change)]
pub async fn operation_retry(id: OperationId) -> Result<OperationId, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    let next = portal.operation_retry(&actor, id).await.map_err(told)?;
    leptos_axum::redirect(&paths::operation(next));
    Ok(next)
}
