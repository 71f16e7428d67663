//! `POST /machine?comp=roleProperties`: host key thumbprints after provisioning. The agent insists on 202.

use agent_protocol::RoleProperties;
use axum::http::StatusCode;
use control::AgentIdentity;

use super::error::WireError;

/// Takes note; nothing in Annex asks for it.
pub(super) fn role_properties(identity: &AgentIdentity, body: &[u8]) -> Result<StatusCode, WireError> {
    let document = RoleProperties::parse(body)?;
    tracing::debug!(machine = %identity.vm_id, properties = document.properties.len(), "role properties");
    Ok(StatusCode::ACCEPTED)
}
