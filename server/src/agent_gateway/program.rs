//! `GET /annex/agent/v1/annex-agent-{arch}`: the agent itself. Scripts know its SHA-256, so everybody may fetch it.

use axum::{
    body::Body,
    extract::{MatchedPath, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::fault::{Fault, FaultKind};
use tokio_util::io::ReaderStream;

use super::error::WireError;
use crate::state::AppState;

/// Addresses of the programs, one for each architecture that there are programs for.
pub const ROUTES: [&str; 2] = ["/annex/agent/v1/annex-agent-x86_64", "/annex/agent/v1/annex-agent-aarch64"];

/// The program for the architecture at the end of the address.
pub(super) async fn program(
    State(state): State<AppState>,
    path: MatchedPath,
    headers: HeaderMap,
) -> Result<Response, WireError> {
    let architecture = path.as_str().rsplit('-').next().unwrap_or_default();
    let programs = state.control().agent_programs().await?;
    let found = programs.into_iter().find(|program| program.architecture == architecture);
    let found = found.ok_or_else(|| Fault::not_found("This server has no annex-agent for this architecture."))?;
    let tag = format!("\"{}\"", found.sha256);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.contains(&tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let gone = |_| {
        let message = "The program cannot be read now. Try again in a moment.";
        WireError::from(Fault::new(FaultKind::Unavailable, "ServiceUnavailable", message))
    };
    let file = tokio::fs::File::open(&found.path).await.map_err(gone)?;
    let length = file.metadata().await.map_err(gone)?.len();
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::ETAG, tag),
        // the address stays when the program is replaced
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}
