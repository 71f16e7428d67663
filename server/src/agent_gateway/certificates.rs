//! `GET /machine/{vm}/certificates`: the machine's certificate and key, for agents that cannot make their own.
//!
//! The key pair was made here when the machine enrolled (`enrol`); it leaves only in an envelope for the transport
//! certificate that the request brings, and only to the machine's own credential. Native agents have nothing to fetch.

use agent_protocol::{
    CertificateFile,
    envelope::{TenantCertificate, certificates_payload},
};
use axum::{
    Extension,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use control::AgentIdentity;
use domain::fault::Fault;

use super::{error::WireError, goal_state::xml, own};
use crate::state::AppState;

/// The document.
pub(super) async fn certificates(
    State(state): State<AppState>,
    Extension(identity): Extension<AgentIdentity>,
    Path(vm): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WireError> {
    own::check(&identity, &vm)?;
    let incarnation = state.control().goal_state_current(identity.vm_id).await?;
    let data = match (&identity.certificate_der, &identity.tenant_key_pem) {
        (Some(certificate), Some(key)) => {
            let tenant = TenantCertificate { certificate_der: certificate, key_pem: key.reveal() };
            let made = certificates_payload(&transport(&headers)?, &[tenant]);
            Some(made.map_err(|error| Fault::invalid("x-ms-guest-agent-public-x509-cert", format!("{error}.")))?)
        }
        _ => None,
    };
    let incarnation = u64::try_from(incarnation.get()).unwrap_or(0);
    Ok(xml(CertificateFile { incarnation, data }.render()))
}

/// The certificate that the answer is enveloped for: a fresh one at every start of the agent.
fn transport(headers: &HeaderMap) -> Result<Vec<u8>, WireError> {
    let name = "x-ms-guest-agent-public-x509-cert";
    let text = headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| text.len() <= 16 * 1024);
    let der = text.and_then(|text| STANDARD.decode(text.trim()).ok());
    der.ok_or_else(|| Fault::invalid(name, "The header must carry a certificate as base64 of its DER.").into())
}
