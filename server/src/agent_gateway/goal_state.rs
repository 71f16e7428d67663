//! `GET /machine/?comp=goalstate`: which goal state is in force, held while nothing changes.
//!
//! Whoever asks with `wait` and `incarnation` is held while it is still that one, at most `wait` seconds and at most
//! half of the time after which an agent counts as silent. The others are answered at once.
//!
//! Every hold ends the moment something changes, and on shutdown; then answers are spread over a second, so that a
//! thousand machines do not come back in one instant.

use std::time::Duration;

use agent_protocol::GoalState;
use axum::{
    Extension,
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use control::AgentIdentity;
use domain::{fault::Fault, generation::Incarnation, guest_agent::SILENT_AFTER_MS};
use serde::Deserialize;

use super::{address::Address, error::WireError};
use crate::state::AppState;

/// Longest hold for clients that ask for one. Half of the time after which an agent counts as silent: a stopped process
/// keeps its request open, so only its next one says that it is alive.
const LONGEST: Duration = Duration::from_millis(SILENT_AFTER_MS.unsigned_abs() / 2);
/// Answers that a shutdown releases are spread over this time.
const SPREAD: Duration = Duration::from_secs(1);

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    comp: String,
    wait: Option<u64>,
    incarnation: Option<i64>,
}

/// The goal state document.
pub(super) async fn goal_state(
    State(state): State<AppState>,
    Extension(identity): Extension<AgentIdentity>,
    address: Address,
    Query(asked): Query<Asked>,
) -> Result<Response, WireError> {
    if !asked.comp.eq_ignore_ascii_case("goalstate") {
        return Err(Fault::not_found("There is no such document.").into());
    }
    let (control, vm) = (state.control(), identity.vm_id);
    let incarnation = match (asked.wait, asked.incarnation) {
        (Some(wait), Some(have)) => {
            let (have, wait) = (Incarnation::new(have), Duration::from_secs(wait).min(LONGEST));
            let incarnation = control.goal_state_wait(vm, have, wait).await?;
            if incarnation == have && state.shutdown().is_cancelled() {
                tokio::time::sleep(SPREAD.mul_f64(rand::random())).await;
            }
            incarnation
        }
        _ => control.goal_state_current(vm).await?,
    };
    Ok(xml(document(&identity, &address, incarnation).render()))
}

fn document(identity: &AgentIdentity, address: &Address, incarnation: Incarnation) -> GoalState {
    let vm = identity.vm_id;
    GoalState {
        incarnation: u64::try_from(incarnation.get()).unwrap_or(0),
        container_id: vm.to_string(),
        instance_id: format!("annex._{vm}"),
        hosting_environment_config: address.own(vm, "hosting-environment", incarnation),
        shared_config: address.own(vm, "shared-config", incarnation),
        extensions_config: Some(address.own(vm, "extensions-config", incarnation)),
        certificates: None,
        config_name: format!("annex.0.annex.0._{vm}.1.xml"),
    }
}

/// A document of the wire protocol.
pub(super) fn xml(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], text).into_response()
}
