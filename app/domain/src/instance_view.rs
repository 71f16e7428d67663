//! Instance views: what machines reported, in ARM's words (arm-api, section 6).
//!
//! The API answers with them, and a machine's page shows the same document.

use serde::Serialize;

use crate::{
    extension::{Extension, ProvisioningState},
    guest_agent::HealthWord,
    status::{HandlerReport, StatusWord, Substatus},
    timestamp::Timestamp,
    version::ExtensionVersion,
    vm::{PowerState, Vm},
};
/// One status.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InstanceViewStatus {
    /// `ProvisioningState/succeeded`, `PowerState/running`, `ComponentStatus/StdOut/succeeded` …
    code: String,
    /// `Info`, `Warning` or `Error`.
    level: &'static str,
    /// For people.
    display_status: String,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// When it was reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
}

/// What one extension reported.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", schema(as = VirtualMachineExtensionInstanceView))]
pub struct ExtensionView {
    /// The extension's name.
    name: String,
    /// `Publisher.Type` as it was asked for.
    #[serde(rename = "type")]
    handler: String,
    /// The version on the machine, as it is called under that name.
    type_handler_version: String,
    /// How the last change ended.
    statuses: Vec<InstanceViewStatus>,
    /// Parts of it, named by the handler.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    substatuses: Vec<InstanceViewStatus>,
}

/// One handler as its agent reported it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", schema(as = VirtualMachineExtensionHandlerInstanceView))]
pub struct HandlerView {
    #[serde(rename = "type")]
    handler: String,
    type_handler_version: String,
    status: InstanceViewStatus,
}

/// The agent.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", schema(as = VirtualMachineAgentInstanceView))]
pub struct AgentView {
    vm_agent_version: String,
    extension_handlers: Vec<HandlerView>,
    statuses: Vec<InstanceViewStatus>,
}

/// A machine.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", schema(as = VirtualMachineInstanceView))]
pub struct VmView {
    #[serde(skip_serializing_if = "Option::is_none")]
    computer_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os_version: Option<String>,
    /// Absent on a machine without an agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    vm_agent: Option<AgentView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    extensions: Vec<ExtensionView>,
    /// The provisioning state, then the power state.
    statuses: Vec<InstanceViewStatus>,
}

/// What a machine and its `extensions` reported; `versions`: those of the extensions, as they are called under the names
/// asked for.
pub fn vm_view(vm: &Vm, health: HealthWord, extensions: &[Extension], versions: &[ExtensionVersion]) -> VmView {
    let with_version = extensions.iter().zip(versions);
    VmView {
        computer_name: vm.hostname.clone(),
        os_name: vm.os.as_ref().map(|os| os.id.clone()),
        os_version: vm.os.as_ref().map(|os| os.version.clone()),
        vm_agent: vm.provision_guest_agent.then(|| agent_view(vm, health, extensions)),
        extensions: with_version.map(|(extension, version)| extension_view(extension, version)).collect(),
        statuses: vec![provisioning(ProvisioningState::Succeeded, None, vm.created_at), power(vm)],
    }
}

/// What one extension reported.
pub fn extension_view(extension: &Extension, version: &ExtensionVersion) -> ExtensionView {
    let report = extension.report.as_ref();
    let result = report.and_then(|r| r.result.as_ref());
    let mut statuses = vec![match report {
        Some(report) if report.handler_failed() => failed(report.code, &report.message, report.received_at),
        Some(report) => match result {
            Some(result) => reported(result.status, result.code, &result.message, report.received_at),
            None => provisioning(extension.provisioning_state, Some(&report.message), report.received_at),
        },
        None => provisioning(extension.provisioning_state, None, extension.changed_at),
    }];
    if let Some(name) = &extension.options.asked_as {
        let message = format!(
            "{} {} stands in for {}.{}.",
            extension.handler_name(),
            extension.version,
            name.publisher,
            name.extension_type
        );
        statuses.push(info("StandsIn/used", "Stands in", Some(message), None));
    }
    ExtensionView {
        name: extension.name.to_string(),
        handler: asked_handler(extension),
        type_handler_version: version.to_string(),
        statuses,
        substatuses: result.map(|r| r.substatuses.iter().map(component).collect()).unwrap_or_default(),
    }
}

/// `Publisher.Type` as it was asked for.
fn asked_handler(extension: &Extension) -> String {
    match &extension.options.asked_as {
        Some(name) => format!("{}.{}", name.publisher, name.extension_type),
        None => extension.handler_name(),
    }
}

fn agent_view(vm: &Vm, health: HealthWord, extensions: &[Extension]) -> AgentView {
    let agent = vm.agent.as_ref();
    let ready = health == HealthWord::Ready;
    let time = agent.and_then(|a| a.last_status_at).map(Timestamp::rfc3339);
    let status = if ready {
        info("ProvisioningState/succeeded", "Ready", Some("Guest Agent is running".into()), time)
    } else {
        InstanceViewStatus {
            code: "ProvisioningState/Unavailable".into(),
            level: "Warning",
            display_status: "Not Ready".into(),
            message: Some("VM Agent is unresponsive.".into()),
            time,
        }
    };
    AgentView {
        vm_agent_version: agent.map_or_else(|| "Unknown".to_owned(), |a| a.version.clone()),
        extension_handlers: extensions.iter().filter_map(handler_view).collect(),
        statuses: vec![status],
    }
}

/// The handler that is really there, under its own name.
fn handler_view(extension: &Extension) -> Option<HandlerView> {
    let report = extension.report.as_ref()?;
    Some(HandlerView {
        handler: extension.handler_name(),
        type_handler_version: report.version.as_ref().unwrap_or(&extension.version).to_string(),
        status: handler_status(report),
    })
}

fn handler_status(report: &HandlerReport) -> InstanceViewStatus {
    let time = Some(report.received_at.rfc3339());
    let message = Some(report.message.clone()).filter(|m| !m.is_empty());
    if report.handler_failed() {
        let code = format!("ProvisioningState/failed/{}", report.code);
        return InstanceViewStatus { code, level: "Error", display_status: "Not Ready".into(), message, time };
    }
    match report.state.as_str() {
        "Ready" => info("ProvisioningState/succeeded", "Ready", message, time),
        "NotReady" => {
            InstanceViewStatus { level: "Warning", ..info("ProvisioningState/Unavailable", "Not Ready", message, time) }
        }
        "Installing" => info("ProvisioningState/transitioning", "Installing", message, time),
        other => InstanceViewStatus { level: "Warning", ..info("ProvisioningState/Unavailable", other, message, time) },
    }
}

fn info(code: &str, display: &str, message: Option<String>, time: Option<String>) -> InstanceViewStatus {
    InstanceViewStatus { code: code.into(), level: "Info", display_status: display.into(), message, time }
}

fn failed(code: i64, message: &str, at: Timestamp) -> InstanceViewStatus {
    InstanceViewStatus {
        code: format!("ProvisioningState/failed/{code}"),
        level: "Error",
        display_status: "Provisioning failed".into(),
        message: Some(message.to_owned()),
        time: Some(at.rfc3339()),
    }
}

fn reported(word: StatusWord, code: i64, message: &str, at: Timestamp) -> InstanceViewStatus {
    let (message, time) = (Some(message.to_owned()), Some(at.rfc3339()));
    match word {
        StatusWord::Error => failed(code, message.as_deref().unwrap_or_default(), at),
        StatusWord::Success => info("ProvisioningState/succeeded", "Provisioning succeeded", message, time),
        StatusWord::Warning => InstanceViewStatus {
            level: "Warning",
            ..info("ProvisioningState/succeeded", "Provisioning succeeded", message, time)
        },
        StatusWord::Transitioning => info("ProvisioningState/transitioning", "Provisioning in progress", message, time),
    }
}

fn provisioning(state: ProvisioningState, message: Option<&str>, at: Timestamp) -> InstanceViewStatus {
    let message = message.filter(|m| !m.is_empty()).map(str::to_owned);
    let time = Some(at.rfc3339());
    match state {
        ProvisioningState::Succeeded => info("ProvisioningState/succeeded", "Provisioning succeeded", message, time),
        ProvisioningState::Failed | ProvisioningState::Canceled => {
            failed(0, message.as_deref().unwrap_or("The last change did not succeed."), at)
        }
        ProvisioningState::Creating | ProvisioningState::Updating | ProvisioningState::Deleting => {
            info("ProvisioningState/transitioning", "Provisioning in progress", message, time)
        }
    }
}

fn component(part: &Substatus) -> InstanceViewStatus {
    let (word, level, display) = match part.status {
        StatusWord::Success => ("succeeded", "Info", "Provisioning succeeded"),
        StatusWord::Transitioning => ("transitioning", "Info", "Provisioning in progress"),
        StatusWord::Warning => ("succeeded", "Warning", "Provisioning succeeded"),
        StatusWord::Error => ("failed", "Error", "Provisioning failed"),
    };
    InstanceViewStatus {
        code: format!("ComponentStatus/{}/{word}", part.name),
        level,
        display_status: display.into(),
        message: Some(part.message.clone()),
        time: None,
    }
}

fn power(vm: &Vm) -> InstanceViewStatus {
    let label = match vm.power {
        PowerState::Unknown => "Unknown".to_owned(),
        state => format!("VM {}", state.code()),
    };
    info(&format!("PowerState/{}", vm.power.code()), &label, None, None)
}
