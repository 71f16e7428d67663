//! `GET /annex/packages/{handler}/{sha256}.zip`: a package, under an address that names its content.

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use control::AgentIdentity;
use domain::{fault::Fault, guest_agent::AgentKind, operation::Request};

use super::error::WireError;
use crate::state::AppState;

/// The bytes of the zip.
pub(super) async fn package(
    State(state): State<AppState>,
    Extension(identity): Extension<AgentIdentity>,
    Path((handler, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, WireError> {
    let absent = || WireError::from(Fault::not_found("There is no such package."));
    let sha256 = file.strip_suffix(".zip").filter(|hash| is_sha256(hash)).ok_or_else(absent)?;
    let tag = format!("\"{sha256}\"");
    let known =
        headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|v| v.contains(&tag));
    if known {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let bytes = state.control().image_bytes(sha256).await?.ok_or_else(absent)?;
    if identity.kind == AgentKind::Waagent {
        let request = Request::Package { bytes: bytes.len() as u64 };
        state.control().machine_requested(identity.vm_id, &handler, request).await?;
    }
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
