//! `PUT /machine/{vm}/status`: the aggregate status document, as a block blob. Answered with 201, as storage does.

use agent_protocol::StatusDocument;
use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use control::AgentIdentity;
use domain::fault::Fault;

use super::{error::WireError, own, status_document};
use crate::state::AppState;

/// Takes a document that came directly.
pub(super) async fn status(
    State(state): State<AppState>,
    Extension(identity): Extension<AgentIdentity>,
    Path(vm): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, WireError> {
    own::check(&identity, &vm)?;
    if headers.get("x-ms-blob-type").is_some_and(|kind| !kind.as_bytes().eq_ignore_ascii_case(b"BlockBlob")) {
        return Err(Fault::invalid("x-ms-blob-type", "Status documents are taken as BlockBlob.").into());
    }
    let document = StatusDocument::parse_padded(&body)?;
    state.control().status_put(identity.vm_id, status_document::translate(document)).await?;
    Ok(StatusCode::CREATED)
}
