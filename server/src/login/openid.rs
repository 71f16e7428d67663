//! The OpenID configuration: where to ask, and with which keys tokens are verified.

use axum::{Json, extract::MatchedPath};
use control::token_issuer;
use serde_json::{Value, json};

use super::tenant::Tenant;

/// The document for the addresses that the client began with.
pub(super) async fn openid(route: MatchedPath, tenant: Tenant) -> Json<Value> {
    let base = format!("{}/{}", tenant.origin, tenant.word);
    let v2 = route.as_str().contains("/v2.0/") && tenant.word != "adfs";
    let oauth = if v2 { format!("{base}/oauth2/v2.0") } else { format!("{base}/oauth2") };
    Json(json!({
        "issuer": token_issuer(&tenant.origin, tenant.installation.tenant_id),
        "authorization_endpoint": format!("{oauth}/authorize"),
        "token_endpoint": format!("{oauth}/token"),
        "device_authorization_endpoint": format!("{oauth}/devicecode"),
        "jwks_uri": format!("{base}/discovery/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": [format!("{}/.default", tenant.origin)],
        "claims_supported": ["aud", "iss", "iat", "nbf", "exp", "tid", "oid", "sub", "appid", "idtyp", "ver"],
    }))
}
