//! `GET /metadata/identity/oauth2/token`: a token that stands for the machine itself, in the words of Azure's instance
//! metadata. The relay asks for whoever asks it on the machine.

use axum::{
    Extension, Json,
    extract::{Query, State},
    http::{HeaderMap, Uri},
};
use control::AgentIdentity;
use domain::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::WireError;
use crate::{http::origin, state::AppState};

/// What is asked.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// What the token is for.
    #[serde(default)]
    resource: String,
}

/// Numbers are text here, as clients of instance metadata expect them.
pub(super) async fn token(
    State(state): State<AppState>,
    Extension(identity): Extension<AgentIdentity>,
    Query(asked): Query<Asked>,
    uri: Uri,
    headers: HeaderMap,
    request: axum::extract::Request,
) -> Result<Json<Value>, WireError> {
    if asked.resource.is_empty() {
        let message = "Say what the token is for: resource=<address of the server>.";
        return Err(Fault::invalid("resource", message).into());
    }
    let behind_proxy = state.config().behind_proxy;
    let origin = origin::origin(request.extensions(), &headers, &uri, behind_proxy).unwrap_or_default();
    let issued = state.control().token_for_machine(identity.vm_id, &asked.resource, &origin).await?;
    Ok(Json(json!({
        "access_token": issued.access_token.reveal(),
        "client_id": issued.client_id,
        "expires_in": issued.expires_in.to_string(),
        "ext_expires_in": issued.expires_in.to_string(),
        "expires_on": issued.expires_on.to_string(),
        "not_before": (issued.expires_on - issued.expires_in).to_string(),
        "resource": issued.resource,
        "token_type": "Bearer",
    })))
}
