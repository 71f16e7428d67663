//! `POST /annex/agent/v1/certificate`: a machine has a new key. Its private part stays there.

use agent_protocol::{JsonDocument, envelope::check_certificate, rotate::NewCertificate};
use axum::{Extension, body::Bytes, extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use control::AgentIdentity;
use domain::fault::Fault;

use super::error::WireError;
use crate::state::AppState;

/// Takes the certificate; protected settings are enveloped for it from the next goal state on, which begins at once.
pub(super) async fn certificate(
    State(state): State<AppState>,
    Extension(identity): Extension<AgentIdentity>,
    body: Bytes,
) -> Result<StatusCode, WireError> {
    let refused = |why: String| WireError::from(Fault::invalid("certificate", why));
    let request = NewCertificate::parse(&body)?;
    let der = STANDARD.decode(request.certificate.trim());
    let der = der.map_err(|_| refused("The certificate is not base64.".to_owned()))?;
    check_certificate(&der).map_err(|error| refused(format!("{error}.")))?;
    state.control().certificate_put(identity.vm_id, &der).await?;
    Ok(StatusCode::OK)
}
