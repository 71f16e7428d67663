//! Which tenant is meant, and under which address.

use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use domain::{access::Installation, ids::TenantId};

use super::oauth_error::OAuthError;
use crate::{http::origin, state::AppState};

/// Names that stand for the only tenant there is.
const WORDS: [&str; 3] = ["adfs", "common", "organizations"];

/// This installation, as the client addressed it.
pub(super) struct Tenant {
    /// Scheme and authority of the request.
    pub(super) origin: String,
    /// The tenant as the client wrote it: its id, or `adfs`.
    pub(super) word: String,
    /// Who this server is.
    pub(super) installation: Installation,
}

impl FromRequestParts<AppState> for Tenant {
    type Rejection = OAuthError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, OAuthError> {
        let behind_proxy = state.config().behind_proxy;
        let origin = origin::origin(&parts.extensions, &parts.headers, &parts.uri, behind_proxy)
            .ok_or_else(|| OAuthError::invalid_request("The request must name this server in its Host header."))?;
        let installation = state.control().installation().await?;
        let params = parts.extract::<RawPathParams>().await;
        let named = params.ok().and_then(|params| {
            params.iter().find(|(name, _)| *name == "tenant").map(|(_, value)| value.to_ascii_lowercase())
        });
        let word = named.unwrap_or_else(|| installation.tenant_id.to_string());
        let ours = word.parse::<TenantId>().is_ok_and(|id| id == installation.tenant_id);
        if !ours && !WORDS.contains(&word.as_str()) {
            return Err(OAuthError::invalid_request(format!(
                "This server is not the tenant {word}. Its own is shown with each service principal on the portal's Access page."
            )));
        }
        Ok(Self { origin, word, installation })
    }
}
