//! The host plugin of the standard agent, behind the relay: the smallest one that serves it (wire protocol, section 6).

use std::sync::Arc;

use agent_protocol::{JsonDocument, StatusUpload, host_plugin::HOST_PLUGIN_VERSION};
use axum::{Extension, Json, body::Bytes, extract::State, http::StatusCode};
use control::AgentIdentity;
use domain::fault::Fault;

use super::{error::WireError, polls::Polls, status};
use crate::state::AppState;

/// `GET /versions`.
pub(super) async fn versions() -> Json<[&'static str; 1]> {
    Json([HOST_PLUGIN_VERSION])
}

/// `GET /health`: once a minute, also while a handler runs.
pub(super) async fn health() -> StatusCode {
    StatusCode::OK
}

/// `GET /vmSettings`: not offered; 404 makes agents use the extensions configuration.
pub(super) async fn vm_settings() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// `PUT /status`: a status document, wrapped.
pub(super) async fn status(
    State(state): State<AppState>,
    Extension(identity): Extension<AgentIdentity>,
    Extension(polls): Extension<Arc<Polls>>,
    body: Bytes,
) -> Result<StatusCode, WireError> {
    let upload = StatusUpload::parse(&body)?;
    let own = format!("/machine/{}/status", identity.vm_id);
    if !upload.request_uri.contains(&own) {
        return Err(Fault::not_found("There is no such document.").into());
    }
    let document =
        upload.body()?.ok_or_else(|| Fault::invalid("content", "Status documents are taken as BlockBlob."))?;
    status::take(&state, &identity, &polls, &document).await?;
    Ok(StatusCode::OK)
}
