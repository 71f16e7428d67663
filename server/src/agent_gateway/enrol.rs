//! `POST /annex/agent/v1/enrol`: a single-use token becomes a machine's credential.

use agent_protocol::{
    AgentKind as WireKind, EnrolRequest, EnrolResponse, JsonDocument, Timestamp, envelope::check_certificate,
};
use axum::{
    body::Bytes,
    extract::State,
    http::{Extensions, HeaderMap, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{fault::Fault, guest_agent::AgentKind, secret::Secret, vm::OsInfo};

use super::error::WireError;
use crate::{http::remote, state::AppState};

/// Enrols a machine.
pub(super) async fn enrol(
    State(state): State<AppState>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, WireError> {
    let remote = remote::remote_text(&extensions, &headers, state.config().behind_proxy);
    let request = EnrolRequest::parse(&body)?;
    let agent_kind = match request.agent_kind {
        WireKind::AnnexAgent => AgentKind::Native,
        WireKind::Waagent => AgentKind::Waagent,
    };
    let certificate_der = certificate(&request)?;
    let request = control::EnrolRequest {
        token: Secret::new(request.token),
        machine_id: request.machine_id,
        hostname: request.hostname,
        os: OsInfo { id: request.os.id, version: request.os.version, pretty_name: request.os.pretty_name },
        architecture: request.architecture,
        agent_kind,
        agent_version: request.agent_version,
        certificate_der,
    };
    let enrolled = state.control().enrol(request, &remote).await?;
    tracing::info!(machine = %enrolled.vm_id, name = %enrolled.vm_name, "a machine enrolled");
    let answer = EnrolResponse {
        vm_id: enrolled.vm_id.to_string(),
        vm_name: enrolled.vm_name.to_string(),
        credential: enrolled.credential.reveal().to_owned(),
        package_key: STANDARD.encode(enrolled.package_key),
        server_time: Timestamp::from_unix_ms(enrolled.server_time.millis()),
    };
    Ok(([(header::CONTENT_TYPE, "application/json")], answer.render()).into_response())
}

/// The machine's own certificate; its key stays there.
fn certificate(request: &EnrolRequest) -> Result<Vec<u8>, WireError> {
    let refused = |why: &str| WireError::from(Fault::invalid("certificate", why));
    let der = STANDARD.decode(request.certificate.trim()).map_err(|_| refused("The certificate is not base64."))?;
    check_certificate(&der).map_err(|error| refused(&format!("{error}.")))?;
    Ok(der)
}
