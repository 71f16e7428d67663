//! Extensions on machines. Changes answer with the operation and send the browser to its page.

use domain::{
    extension::{ExtensionDetail, ExtensionForm, PreflightRow},
    ids::{OperationId, VmId},
    name::ExtensionName,
    version::ExtensionVersion,
};
use leptos::prelude::*;

use crate::{
    calls::protocol::{Ask, Change, Read},
    error::UiError,
};
#[cfg(feature = "ssr")]
use crate::{
    calls::{seen, told},
    paths,
    session::request_scope,
};

/// One extension on one machine.
#[server(endpoint = "extensions/get", protocol = Read)]
pub async fn extension_get(vm: VmId, name: ExtensionName) -> Result<ExtensionDetail, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.extension_get(&actor, vm, name).await.map_err(told)
}

/// What installing would do or refuse, machine by machine. Findings about the settings are an answer here, not a
/// failure: the form asks while somebody types.
#[server(endpoint = "extensions/preflight", protocol = Ask)]
pub async fn extension_preflight(
    form: ExtensionForm,
) -> Result<Result<Vec<PreflightRow>, domain::fault::Fault>, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    Ok(portal.extension_preflight(&actor, form).await)
}

/// Installs, or changes settings.
#[server(endpoint = "extensions/put", protocol = Change)]
pub async fn extension_put(form: ExtensionForm) -> Result<OperationId, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    let operation = portal.extension_put(&actor, form).await.map_err(told)?;
    leptos_axum::redirect(&paths::operation(operation));
    Ok(operation)
}

/// Runs it again with the same settings.
#[server(endpoint = "extensions/run-again", protocol = Change)]
pub async fn extension_run_again(vm: VmId, name: ExtensionName, etag: String) -> Result<OperationId, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    let operation = portal.extension_run_again(&actor, vm, name, seen(&etag)).await.map_err(told)?;
    leptos_axum::redirect(&paths::operation(operation));
    Ok(operation)
}

/// Moves it to another version.
#[server(endpoint = "extensions/change-version", protocol = Change)]
pub async fn extension_change_version(
    vm: VmId,
    name: ExtensionName,
    version: ExtensionVersion,
    etag: String,
) -> Result<OperationId, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    let operation = portal.extension_change_version(&actor, vm, name, version, seen(&etag)).await.map_err(told)?;
    leptos_axum::redirect(&paths::operation(operation));
    Ok(operation)
}

/// Restores an earlier revision.
#[server(endpoint = "extensions/roll-back", protocol = Change)]
pub async fn extension_roll_back(
    vm: VmId,
    name: ExtensionName,
    revision: i64,
    etag: String,
) -> Result<OperationId, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    let operation = portal.extension_roll_back(&actor, vm, name, revision, seen(&etag)).await.map_err(told)?;
    leptos_axum::redirect(&paths::operation(operation));
    Ok(operation)
}

/// Removes it.
#[server(endpoint = "extensions/remove", protocol = Change)]
pub async fn extension_remove(vm: VmId, name: ExtensionName) -> Result<OperationId, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    let operation = portal.extension_remove(&actor, vm, name).await.map_err(told)?;
    leptos_axum::redirect(&paths::operation(operation));
    Ok(operation)
}
