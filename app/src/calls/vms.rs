//! Machines and the lab.

use domain::{
    agent_history::AgentHistory,
    ids::{OperationId, VmId},
    page::{Page, PageRequest},
    portal::LabIsolation,
    vm::{Vm, VmDetail, VmFilter, VmSummary},
};
use leptos::prelude::*;

use crate::{
    calls::protocol::{Change, Read},
    error::UiError,
};
#[cfg(feature = "ssr")]
use crate::{calls::told, paths, session::request_scope};

/// One page of machines.
#[server(endpoint = "vms", protocol = Read)]
pub async fn vm_list(filter: VmFilter, page: PageRequest) -> Result<Page<VmSummary>, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.vm_list(&actor, filter, page).await.map_err(told)
}

/// One machine.
#[server(endpoint = "vms/get", protocol = Read)]
pub async fn vm_get(id: VmId) -> Result<VmDetail, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.vm_get(&actor, id).await.map_err(told)
}

/// Its instance view.
#[server(endpoint = "vms/instance-view", protocol = Read)]
pub async fn vm_instance_view(id: VmId) -> Result<serde_json::Value, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.vm_instance_view(&actor, id).await.map_err(told)
}

/// The history of its agent, with one page of its events.
#[server(name = ReadAgentHistory, endpoint = "vms/agent", protocol = Read)]
pub async fn agent_history(id: VmId, page: PageRequest) -> Result<AgentHistory, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.agent_history(&actor, id, page).await.map_err(told)
}

/// `action`: Start, Stop or Restart.
#[server(endpoint = "vms/power", protocol = Change)]
pub async fn vm_power(id: VmId, action: String) -> Result<OperationId, UiError> {
    use domain::{fault::Fault, vm::PowerAction};
    let (portal, actor) = request_scope().map_err(told)?;
    let action = PowerAction::parse(&action)
        .ok_or_else(|| told(Fault::invalid("action", format!("{action:?} is not Start, Stop or Restart."))))?;
    let operation = portal.vm_power(&actor, id, action).await.map_err(told)?;
    leptos_axum::redirect(&paths::operation(operation));
    Ok(operation)
}

/// Replaces the tags. `tags`: one `name=value` a line.
#[server(endpoint = "vms/tags", protocol = Change)]
pub async fn vm_tags_put(id: VmId, tags: String) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.vm_tags_put(&actor, id, domain::vm::read_tags(&tags)).await.map_err(told)?;
    leptos_axum::redirect(&paths::vm(id));
    Ok(())
}

/// Forgets the machine.
#[server(endpoint = "vms/delete", protocol = Change)]
pub async fn vm_delete(id: VmId) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.vm_delete(&actor, id).await.map_err(told)?;
    leptos_axum::redirect(paths::VMS);
    Ok(())
}

/// A new lab machine. `outside_network` is a check box: absent means no.
#[server(endpoint = "lab/create", protocol = Change)]
pub async fn lab_vm_create(name: String, #[server(default)] outside_network: bool) -> Result<Vm, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    let vm = portal.lab_vm_create(&actor, name, outside_network).await.map_err(told)?;
    leptos_axum::redirect(&paths::vm(vm.id));
    Ok(vm)
}

/// May a lab machine reach addresses outside?
#[server(endpoint = "lab/network", protocol = Change)]
pub async fn lab_vm_network(id: VmId, #[server(default)] outside: bool) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.lab_vm_network(&actor, id, outside).await.map_err(told)?;
    leptos_axum::redirect(&paths::vm(id));
    Ok(())
}

/// How the lab isolates its machines on this host.
#[server(name = ReadLabIsolation, endpoint = "lab/isolation", protocol = Read)]
pub async fn lab_isolation() -> Result<LabIsolation, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.lab_isolation(&actor).await.map_err(told)
}

/// Accepts (or no longer accepts) that lab machines run without isolation.
#[server(endpoint = "lab/accept-risk", protocol = Change)]
pub async fn lab_accept_risk(#[server(default)] accepted: bool) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.lab_accept_risk(&actor, accepted).await.map_err(told)?;
    leptos_axum::redirect(paths::VM_NEW);
    Ok(())
}

/// A machine without an agent.
#[server(endpoint = "vms/register", protocol = Change)]
pub async fn vm_register(name: String) -> Result<Vm, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    let vm = portal.vm_register(&actor, name).await.map_err(told)?;
    leptos_axum::redirect(&paths::vm(vm.id));
    Ok(vm)
}

/// May extensions on the machine be changed?
#[server(endpoint = "vms/allow-extensions", protocol = Change)]
pub async fn vm_allow_extensions(id: VmId, #[server(default)] allowed: bool) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.vm_allow_extensions(&actor, id, allowed).await.map_err(told)?;
    leptos_axum::redirect(&paths::vm(id));
    Ok(())
}

/// Is an agent there?
#[server(endpoint = "vms/agent-present", protocol = Change)]
pub async fn vm_agent_present(id: VmId, #[server(default)] present: bool) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.vm_agent_present(&actor, id, present).await.map_err(told)?;
    leptos_axum::redirect(&paths::vm(id));
    Ok(())
}
