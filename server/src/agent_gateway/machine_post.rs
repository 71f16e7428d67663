//! `POST /machine?comp=…`: three messages under one address, told apart by the query.

use axum::{
    Extension,
    body::Bytes,
    extract::{Query, State},
    http::StatusCode,
};
use control::AgentIdentity;
use domain::fault::Fault;
use serde::Deserialize;

use super::{error::WireError, health, role_properties, telemetry};
use crate::state::AppState;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    comp: String,
}

/// Hands the message on.
pub(super) async fn machine_post(
    State(state): State<AppState>,
    Extension(identity): Extension<AgentIdentity>,
    Query(asked): Query<Asked>,
    body: Bytes,
) -> Result<StatusCode, WireError> {
    match asked.comp.to_ascii_lowercase().as_str() {
        "health" => health::health(&identity, &body),
        "roleproperties" => role_properties::role_properties(&identity, &body),
        "telemetrydata" => telemetry::events(&state, &identity, &body).await,
        _ => Err(Fault::not_found("There is no such message.").into()),
    }
}
