//! `PUT /hostgaplugin/vmAgentLog`: the logs that an agent collected, as a zip.

use axum::{Extension, body::Bytes, extract::State, http::StatusCode};
use control::AgentIdentity;

use super::error::WireError;
use crate::state::AppState;

/// Keeps it.
pub(super) async fn agent_log(
    State(state): State<AppState>,
    Extension(identity): Extension<AgentIdentity>,
    body: Bytes,
) -> Result<StatusCode, WireError> {
    state.control().agent_log_put(identity.vm_id, &body).await?;
    Ok(StatusCode::OK)
}
