//! `GET /annex/packages/{handler}/manifest.xml`: the published versions of one handler.

use agent_protocol::{ExtensionManifest, PublishedVersion};
use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use control::AgentIdentity;
use domain::{fault::Fault, guest_agent::AgentKind, operation::Request};

use super::{address::Address, error::WireError, goal_state::xml};
use crate::state::AppState;

/// The document.
pub(super) async fn manifest(
    State(state): State<AppState>,
    address: Address,
    Extension(identity): Extension<AgentIdentity>,
    Path(handler): Path<String>,
) -> Result<Response, WireError> {
    if identity.kind == AgentKind::Waagent {
        state.control().machine_requested(identity.vm_id, &handler, Request::Manifest).await?;
    }
    let images = state.control().image_versions(&handler).await?;
    let Some(first) = images.first() else {
        return Err(Fault::not_found("No package of that name is published here.").into());
    };
    let handler = first.handler_name();
    let versions = images.iter().map(|image| PublishedVersion {
        version: image.version.to_string(),
        uris: vec![address.package(&handler, &image.sha256)],
        sha256: Some(image.sha256.clone()),
        signature: Some(image.signature.clone()),
    });
    Ok(xml(ExtensionManifest { versions: versions.collect(), internal: Vec::new() }.render()))
}
