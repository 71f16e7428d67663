//! `GET …/operations/{id}`: how an accepted request stands; with `monitor=true` in the way of a Location (arm-api, section 3).

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use control::{LongRunning, Printed, Standing};
use domain::{
    fault::{Fault, FaultKind},
    ids::OperationId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::{
    caller::Caller,
    error::{ErrorBody, ErrorDetail, RestError},
    long_running::{address, come_again},
    params::{ApiVersion, Asked, At},
};
use crate::state::AppState;

/// An operation.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(in crate::rest) struct OperationPath {
    /// The subscription's id.
    #[expect(dead_code, reason = "`Caller` checks it")]
    subscription_id: String,
    /// A label, for example annex.
    location: String,
    /// The operation's id.
    operation_id: String,
}

/// What is told of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = OperationAnswer)]
pub(in crate::rest) enum Answer {
    /// How it stands.
    Status(StatusBody),
    /// With `monitor=true`: what a run command printed.
    Printed(RunCommandResult),
}

/// In which way it is asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct Monitor {
    /// `true`: as a Location is followed.
    #[serde(default)]
    monitor: Option<String>,
}

/// How an accepted request stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OperationStatus)]
pub(in crate::rest) struct StatusBody {
    start_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    /// `InProgress`, `Succeeded`, `Failed` or `Canceled`.
    status: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorDetail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<StatusProperties>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OperationStatusProperties)]
struct StatusProperties {
    output: RunCommandResult,
}

/// What a run-command action printed.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct RunCommandResult {
    value: Vec<RunCommandStatus>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RunCommandStatus {
    code: &'static str,
    level: &'static str,
    display_status: &'static str,
    message: String,
}

/// Tells how an accepted request stands
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/operations/{operationId}",
    tag = "Operations",
    operation_id = "Operations_Get",
    params(OperationPath, Monitor, ApiVersion),
    responses(
        (status = OK, description = "How it stands; with monitor=true: what a run command printed", body = Answer),
        (status = ACCEPTED, description = "With monitor=true: it goes on"),
        (status = NO_CONTENT, description = "With monitor=true: it is done"),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    At(at): At<OperationPath>,
    Asked(asked): Asked<Monitor>,
) -> Result<Response, RestError> {
    let unknown = || Fault::not_found(format!("There is no operation '{}'.", at.operation_id));
    let id: OperationId = at.operation_id.parse().map_err(|_: Fault| unknown())?;
    let found = state.control().long_running(&caller.actor, id).await?;
    if asked.monitor.is_some_and(|word| word.eq_ignore_ascii_case("true")) {
        return monitored(&caller, &at.location, id, found);
    }
    let going_on = matches!(found.standing, Standing::InProgress);
    let mut response = Json(Answer::Status(status(id, found))).into_response();
    if going_on {
        come_again(response.headers_mut());
    }
    Ok(response)
}

fn monitored(caller: &Caller, location: &str, id: OperationId, found: LongRunning) -> Result<Response, RestError> {
    match (found.standing, found.printed) {
        (Standing::InProgress, _) => {
            let mut response = StatusCode::ACCEPTED.into_response();
            if let Ok(value) = HeaderValue::from_str(&address(caller, location, id, true)) {
                response.headers_mut().insert(header::LOCATION, value);
            }
            come_again(response.headers_mut());
            Ok(response)
        }
        (Standing::Succeeded, Some(printed)) => Ok(Json(Answer::Printed(result(&printed))).into_response()),
        (Standing::Succeeded, None) => Ok(StatusCode::NO_CONTENT.into_response()),
        // ended, and badly: an error of the request that the client made
        (Standing::Failed(fault) | Standing::Canceled(fault), _) => {
            Err(Fault { kind: FaultKind::Conflict, ..fault }.into())
        }
    }
}

fn status(id: OperationId, found: LongRunning) -> StatusBody {
    let (word, fault) = match found.standing {
        Standing::InProgress => ("InProgress", None),
        Standing::Succeeded => ("Succeeded", None),
        Standing::Failed(fault) => ("Failed", Some(fault)),
        Standing::Canceled(fault) => ("Canceled", Some(fault)),
    };
    let printed = found.printed.as_ref().filter(|_| word == "Succeeded");
    StatusBody {
        start_time: found.accepted_at.rfc3339(),
        end_time: found.ended_at.map(domain::timestamp::Timestamp::rfc3339),
        status: word,
        name: id.to_string(),
        error: fault.map(ErrorDetail::from),
        properties: printed.map(|printed| StatusProperties { output: result(printed) }),
    }
}

/// In the one text that the field's clients show.
fn result(printed: &Printed) -> RunCommandResult {
    let header = match printed.exit_code {
        None | Some(0) => "Enable succeeded: ".to_owned(),
        Some(code) => format!("Enable failed: failed to execute command: command terminated with exit status={code}"),
    };
    let message = format!("{header}\n[stdout]\n{}\n[stderr]\n{}", printed.stdout, printed.stderr);
    let status = RunCommandStatus {
        code: "ProvisioningState/succeeded",
        level: "Info",
        display_status: "Provisioning succeeded",
        message,
    };
    RunCommandResult { value: vec![status] }
}
