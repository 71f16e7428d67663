//! Where programs get tokens: OAuth 2.0 client credentials, as the clients of Azure ask for them.
//!
//! ```text
//!  az cloud register ─► GET  /metadata/endpoints                    endpoints
//!  az login          ─► GET  /{tenant}/…/openid-configuration       openid ── token_endpoint, jwks_uri
//!                    ─► POST /{tenant}/oauth2/token                 token ──► control::token_for_program
//!  whoever verifies  ─► GET  /{tenant}/discovery/keys               keys
//! ```
//! Tenants stand first in the addresses that clients use; `http::rewrite` moves them below `/login`. There is one tenant:
//! this installation. `adfs` is another name for it, which spares clients a question to the Internet.

mod aliases;
mod endpoints;
mod keys;
mod oauth_error;
mod openid;
mod people;
mod tenant;
mod token;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{any, get, post},
};

use crate::state::AppState;

/// Most bytes of a request for a token.
const FORM_BYTES: usize = 64 * 1024;

/// All routes of this transport.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/metadata/endpoints", get(endpoints::endpoints))
        .route("/aliases.json", get(aliases::aliases))
        .route("/login/{tenant}/.well-known/openid-configuration", get(openid::openid))
        .route("/login/{tenant}/v2.0/.well-known/openid-configuration", get(openid::openid))
        .route("/login/{tenant}/adfs/v2.0/.well-known/openid-configuration", get(openid::openid))
        .route("/login/{tenant}/discovery/keys", get(keys::keys))
        .route("/login/{tenant}/discovery/v2.0/keys", get(keys::keys))
        .route("/login/{tenant}/oauth2/token", post(token::token))
        .route("/login/{tenant}/oauth2/v2.0/token", post(token::token))
        .route("/login/{tenant}/oauth2/authorize", any(people::people))
        .route("/login/{tenant}/oauth2/v2.0/authorize", any(people::people))
        .route("/login/{tenant}/oauth2/devicecode", any(people::people))
        .route("/login/{tenant}/oauth2/v2.0/devicecode", any(people::people))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
}
