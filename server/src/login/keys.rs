//! The public keys of tokens (RFC 7517), so that others can verify them.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::{oauth_error::OAuthError, tenant::Tenant};
use crate::state::AppState;

/// All keys whose tokens may still be good, newest first.
pub(super) async fn keys(State(state): State<AppState>, _tenant: Tenant) -> Result<Json<Value>, OAuthError> {
    let keys = state.control().token_keys().await?;
    let keys: Vec<Value> = keys
        .into_iter()
        .map(|key| json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.id, "n": key.modulus, "e": key.exponent }))
        .collect();
    Ok(Json(json!({ "keys": keys })))
}
