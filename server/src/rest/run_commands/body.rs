//! A managed run command as ARM describes it (arm-api, section 4.5).

use std::collections::BTreeMap;

use domain::{extension::Extension, fault::Fault, vm::Vm};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::invoke::text;
use crate::rest::{caller::Caller, id};

/// A managed run command.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VirtualMachineRunCommand)]
pub(in crate::rest) struct RunCommandBody {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    location: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    properties: Properties,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VirtualMachineRunCommandProperties)]
struct Properties {
    #[schema(value_type = Object)]
    source: Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Option<Vec<Object>>)]
    parameters: Value,
    async_execution: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_as_user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_in_seconds: Option<u64>,
    treat_failure_as_deployment_failure: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_blob_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_blob_uri: Option<String>,
    provisioning_state: &'static str,
    /// Only with `$expand=instanceView`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    instance_view: Option<Value>,
}

/// The managed run commands of a machine.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VirtualMachineRunCommandsListResult)]
pub(in crate::rest) struct RunCommandList {
    pub(super) value: Vec<RunCommandBody>,
}

impl RunCommandBody {
    pub(super) fn of(caller: &Caller, vm: &Vm, extension: &Extension, expand: bool) -> Self {
        let settings = &extension.settings;
        let text = |name: &str| settings.get(name).and_then(Value::as_str).map(str::to_owned);
        let flag = |name: &str| settings.get(name).and_then(Value::as_bool).unwrap_or_default();
        Self {
            id: id::run_command(&caller.subscription, vm, extension),
            name: extension.name.to_string(),
            kind: "Microsoft.Compute/virtualMachines/runCommands",
            location: vm.location.to_string(),
            tags: extension.options.tags.clone(),
            properties: Properties {
                source: settings.get("source").cloned().unwrap_or_else(|| json!({})),
                parameters: settings.get("parameters").cloned().unwrap_or_default(),
                async_execution: flag("asyncExecution"),
                run_as_user: text("runAsUser"),
                timeout_in_seconds: settings.get("timeoutInSeconds").and_then(Value::as_u64),
                treat_failure_as_deployment_failure: flag("treatFailureAsDeploymentFailure"),
                output_blob_uri: text("outputBlobUri"),
                error_blob_uri: text("errorBlobUri"),
                provisioning_state: extension.provisioning_state.code(),
                instance_view: expand.then(|| instance_view(extension)),
            },
        }
    }
}

/// What the handler says of its run: its message is the view.
fn instance_view(extension: &Extension) -> Value {
    let result = extension.report.as_ref().and_then(|r| r.result.as_ref());
    // a report about earlier settings says nothing of these
    let own = result.filter(|r| r.sequence_number == extension.sequence_number);
    let view = own.and_then(|r| serde_json::from_str::<Map<String, Value>>(&r.message).ok());
    let view = view.filter(|view| view.contains_key("executionState"));
    let said = own.map(|r| r.message.clone()).unwrap_or_default();
    view.map_or_else(|| json!({"executionState": "Pending", "executionMessage": said}), Value::Object)
}

/// What a PUT or PATCH says of a run command. Members that are not listed are let be.
#[derive(Deserialize, ToSchema, Default)]
#[schema(as = VirtualMachineRunCommandUpdate, example = json!({"location": "annex", "properties": {
    "source": {"script": "echo \"hello $who\""}, "parameters": [{"name": "who", "value": "Ana"}], "timeoutInSeconds": 60,
}}))]
pub(in crate::rest) struct RunCommandSent {
    #[allow(dead_code, reason = "part of the contract; clients send it")]
    location: Option<String>,
    properties: Option<SentProperties>,
}

#[derive(Deserialize, ToSchema, Default)]
#[serde(rename_all = "camelCase")]
#[schema(as = VirtualMachineRunCommandUpdateProperties)]
struct SentProperties {
    source: Option<SentSource>,
    parameters: Option<Vec<SentParameter>>,
    /// Never returned.
    protected_parameters: Option<Vec<SentParameter>>,
    async_execution: Option<bool>,
    run_as_user: Option<String>,
    /// Never returned.
    #[schema(value_type = Option<String>)]
    run_as_password: Option<Value>,
    timeout_in_seconds: Option<u32>,
    treat_failure_as_deployment_failure: Option<bool>,
    output_blob_uri: Option<String>,
    error_blob_uri: Option<String>,
}

#[derive(Deserialize, ToSchema, Default)]
#[serde(rename_all = "camelCase")]
#[schema(as = RunCommandScriptSource)]
struct SentSource {
    script: Option<String>,
    script_uri: Option<String>,
    command_id: Option<String>,
}

#[derive(Deserialize, ToSchema, Default)]
#[schema(as = RunCommandParameter)]
struct SentParameter {
    name: Option<String>,
    #[schema(value_type = Option<String>)]
    value: Option<Value>,
}

/// Public and protected settings of the handler; `None` where nothing of them was said.
pub(super) type Asked = (Option<Value>, Option<Map<String, Value>>);

impl RunCommandSent {
    /// In the handler's words; `before`: the settings that a PATCH begins with.
    ///
    /// Errors: `InvalidParameter`.
    pub(super) fn asked(self, before: Option<&Value>) -> Result<Asked, Fault> {
        let sent = self.properties.unwrap_or_default();
        let mut settings = before.and_then(Value::as_object).cloned().unwrap_or_default();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                settings.insert(name.to_owned(), value);
            }
        };
        put("source", sent.source.map(source).transpose()?);
        put("parameters", list(sent.parameters, "properties.parameters")?);
        put("asyncExecution", sent.async_execution.map(Value::from));
        put("runAsUser", sent.run_as_user.filter(|user| !user.is_empty()).map(Value::from));
        put("timeoutInSeconds", sent.timeout_in_seconds.map(Value::from));
        put("treatFailureAsDeploymentFailure", sent.treat_failure_as_deployment_failure.map(Value::from));
        put("outputBlobUri", sent.output_blob_uri.filter(|uri| !uri.is_empty()).map(Value::from));
        put("errorBlobUri", sent.error_blob_uri.filter(|uri| !uri.is_empty()).map(Value::from));
        if !settings.contains_key("source") {
            let message = "A run command needs a source: script, scriptUri or commandId.";
            return Err(Fault::invalid("properties.source", message));
        }
        let mut protected = Map::new();
        if let Some(list) = list(sent.protected_parameters, "properties.protectedParameters")? {
            protected.insert("protectedParameters".into(), list);
        }
        if let Some(password) = sent.run_as_password {
            protected.insert("runAsPassword".into(), text(Some(password), "properties.runAsPassword")?.into());
        }
        let said = !protected.is_empty() || before.is_none();
        Ok((Some(Value::Object(settings)), said.then_some(protected)))
    }
}

fn source(sent: SentSource) -> Result<Value, Fault> {
    let given: Vec<(&str, String)> =
        [("script", sent.script), ("scriptUri", sent.script_uri), ("commandId", sent.command_id)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.filter(|v| !v.is_empty())?)))
            .collect();
    match given.as_slice() {
        [(name, value)] => Ok(json!({ *name: value })),
        _ => Err(Fault::invalid("properties.source", "Give exactly one of script, scriptUri and commandId.")),
    }
}

fn list(sent: Option<Vec<SentParameter>>, target: &str) -> Result<Option<Value>, Fault> {
    let Some(sent) = sent else { return Ok(None) };
    let read = sent.into_iter().map(|parameter| {
        Ok(json!({"name": parameter.name.unwrap_or_default(), "value": text(parameter.value, target)?}))
    });
    read.collect::<Result<Vec<Value>, Fault>>().map(|list| Some(Value::Array(list)))
}
