//! `POST …/virtualMachines/{name}/runCommand`: a script, once (arm-api, section 4.5).

use axum::{extract::State, response::Response};
use control::run_commands::RunAction;
use domain::{fault::Fault, name::Location};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::{
    body::Body,
    caller::Caller,
    error::{ErrorBody, RestError},
    long_running::begun,
    params::{ApiVersion, At, VmPath},
};
use crate::state::AppState;

/// A script for the action.
#[derive(Deserialize, ToSchema, Default)]
#[serde(rename_all = "camelCase")]
#[schema(as = RunCommandInput, example = json!({
    "commandId": "RunShellScript", "script": ["echo \"hello $1\""], "parameters": [{"name": "who", "value": "Ana"}],
}))]
pub(in crate::rest) struct Sent {
    /// `RunShellScript` or `ifconfig`.
    command_id: Option<String>,
    /// Lines of the script.
    script: Option<Vec<String>>,
    /// A name is an environment variable; the values are the arguments, in order.
    parameters: Option<Vec<SentParameter>>,
}

#[derive(Deserialize, ToSchema, Default)]
#[schema(as = RunCommandInputParameter)]
struct SentParameter {
    name: Option<String>,
    #[schema(value_type = Option<String>)]
    value: Option<Value>,
}

/// Runs a script once and returns what it prints
#[utoipa::path(
    post,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/runCommand",
    tag = "Run commands",
    operation_id = "VirtualMachines_RunCommand",
    params(VmPath, ApiVersion),
    request_body = Sent,
    responses(
        (status = ACCEPTED, description = "It runs; follow Location for what it prints"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn invoke(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<VmPath>,
    Body(sent): Body<Sent>,
) -> Result<Response, RestError> {
    let command_id = sent.command_id.unwrap_or_default();
    let parameters = sent
        .parameters
        .unwrap_or_default()
        .into_iter()
        .map(|parameter| Ok((parameter.name.unwrap_or_default(), text(parameter.value, "parameters")?)));
    let action = RunAction {
        command_id,
        script: sent.script.unwrap_or_default(),
        parameters: parameters.collect::<Result<_, Fault>>()?,
    };
    let operation = state.control().run_action(&caller.actor, &path.place(), action).await?;
    Ok(begun(&caller, Location::usual().as_str(), operation))
}

/// The text of a parameter's value. What was sent is not repeated: it may be secret.
pub(super) fn text(value: Option<Value>, target: &str) -> Result<String, Fault> {
    match value {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Fault::invalid(target, "The value of a parameter is a text: put it in quotes.")),
    }
}
