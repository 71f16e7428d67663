//! A token for a service principal: `grant_type=client_credentials` (RFC 6749, section 4.4).

use axum::{
    Form, Json,
    extract::{FromRequest, Request, State},
};
use control::ProgramCredentials;
use domain::secret::Secret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{oauth_error::OAuthError, tenant::Tenant};
use crate::{http::remote, state::AppState};

/// The suffix that turns a resource into a scope.
const DEFAULT_SCOPE: &str = "/.default";

/// What clients send; anything else in the form is left alone.
#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    grant_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: Secret,
    client_assertion: Option<Secret>,
    /// v2.0: resources, each with `/.default`.
    scope: Option<String>,
    /// v1: one resource.
    resource: Option<String>,
}

/// Checks and answers.
pub(super) async fn token(
    State(state): State<AppState>,
    tenant: Tenant,
    request: Request,
) -> Result<Json<Value>, OAuthError> {
    let behind_proxy = state.config().behind_proxy;
    let remote = remote::remote_text(request.extensions(), request.headers(), behind_proxy);
    let Form(asked) = Form::<Asked>::from_request(request, &state).await.map_err(|_| {
        OAuthError::invalid_request(
            "Send a form (application/x-www-form-urlencoded) with grant_type, client_id, client_secret and scope.",
        )
    })?;
    let resource = resource(&asked)?;
    check(&asked)?;
    let shown = ProgramCredentials { client_id: asked.client_id, client_secret: asked.client_secret, resource };
    let issued = state.control().token_for_program(shown, &tenant.origin, &remote).await?;
    Ok(Json(json!({
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "ext_expires_in": issued.expires_in,
        "expires_on": issued.expires_on.to_string(),
        "resource": issued.resource,
        "access_token": issued.access_token.reveal(),
    })))
}

fn check(asked: &Asked) -> Result<(), OAuthError> {
    if asked.grant_type.is_empty() {
        return Err(OAuthError::invalid_request("grant_type is missing; it is client_credentials."));
    }
    if asked.grant_type != "client_credentials" {
        return Err(OAuthError::bad(
            "unsupported_grant_type",
            "Only client_credentials is offered: programs sign in as a service principal, people in the portal.",
        ));
    }
    if asked.client_assertion.is_some() {
        return Err(OAuthError::bad(
            "invalid_client",
            "Certificates are not accepted here. Use a secret of the service principal; the portal's Access page makes one.",
        ));
    }
    if asked.client_id.is_empty() || asked.client_secret.is_empty() {
        return Err(OAuthError::invalid_request("client_id and client_secret must both be in the form."));
    }
    Ok(())
}

/// What the token is wanted for.
fn resource(asked: &Asked) -> Result<String, OAuthError> {
    if let Some(resource) = asked.resource.as_ref().filter(|resource| !resource.is_empty()) {
        return Ok(resource.clone());
    }
    let scopes = asked.scope.as_deref().unwrap_or_default();
    scopes.split_whitespace().find_map(|scope| scope.strip_suffix(DEFAULT_SCOPE)).map(str::to_owned).ok_or_else(|| {
        OAuthError::bad(
            "invalid_scope",
            "Say what the token is for: scope=<address of this server>/.default, or resource=<address of this server>.",
        )
    })
}
