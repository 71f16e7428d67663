//! `POST /machine?comp=health`: sent once when an agent starts; it insists on an answer.

use agent_protocol::HealthReport;
use axum::http::StatusCode;
use control::AgentIdentity;

use super::error::WireError;

/// Takes note: what counts is the status document.
pub(super) fn health(identity: &AgentIdentity, body: &[u8]) -> Result<StatusCode, WireError> {
    let report = HealthReport::parse(body)?;
    if report.state.eq_ignore_ascii_case("Ready") {
        tracing::debug!(machine = %identity.vm_id, "the agent started");
    } else {
        let reason = report.description.or(report.sub_status).unwrap_or_default();
        tracing::info!(machine = %identity.vm_id, state = report.state, reason, "the agent started");
    }
    Ok(StatusCode::OK)
}
