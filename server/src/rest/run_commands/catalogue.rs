//! `GET …/locations/{location}/runCommands[/{id}]`: what the action offers.

use axum::Json;
use control::run_commands::COMMANDS;
use domain::fault::Fault;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::{
    caller::Caller,
    error::{ErrorBody, RestError},
    params::{ApiVersion, At, InLocation},
};

/// A command.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(in crate::rest) struct CommandPath {
    /// The subscription's id.
    #[expect(dead_code, reason = "`Caller` checks it")]
    subscription_id: String,
    /// A label, for example annex.
    #[expect(dead_code, reason = "the same commands are everywhere")]
    location: String,
    /// `RunShellScript` or `ifconfig`.
    command_id: String,
}

/// A command that the action offers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RunCommandDocument)]
pub(in crate::rest) struct Document {
    #[serde(rename = "$schema")]
    schema: &'static str,
    id: &'static str,
    os_type: &'static str,
    label: &'static str,
    description: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    script: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    parameters: Vec<()>,
}

/// What the action offers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunCommandListResult)]
pub(in crate::rest) struct Documents {
    value: Vec<Document>,
}

fn document(
    &(id, label, description, script): &(&'static str, &'static str, &'static str, &'static str),
    whole: bool,
) -> Document {
    Document {
        schema: "http://schema.management.azure.com/schemas/2016-11-17/runcommands.json",
        id,
        os_type: "Linux",
        label,
        description,
        script: if whole { vec![script] } else { Vec::new() },
        parameters: Vec::new(),
    }
}

/// Lists the commands that the run-command action offers
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/runCommands",
    tag = "Run commands",
    operation_id = "VirtualMachineRunCommands_List",
    params(InLocation, ApiVersion),
    responses(
        (status = OK, description = "What the action offers", body = Documents),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn catalogue(_: Caller) -> Json<Documents> {
    Json(Documents { value: COMMANDS.iter().map(|command| document(command, false)).collect() })
}

/// Shows a command that the run-command action offers
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/runCommands/{commandId}",
    tag = "Run commands",
    operation_id = "VirtualMachineRunCommands_Get",
    params(CommandPath, ApiVersion),
    responses(
        (status = OK, description = "One command with its script", body = Document),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn command(_: Caller, At(at): At<CommandPath>) -> Result<Json<Document>, RestError> {
    let found = COMMANDS.iter().find(|(id, ..)| id.eq_ignore_ascii_case(&at.command_id));
    let found = found.ok_or_else(|| {
        Fault::not_found(format!("There is no command '{}'. There is: RunShellScript, ifconfig.", at.command_id))
    })?;
    Ok(Json(document(found, true)))
}
