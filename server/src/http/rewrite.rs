//! Addresses that clients insist on, as the router knows them. Runs before routing: the same place for every such rule.
//!
//! ```text
//!  /{tenant}/oauth2/v2.0/token            ─► /login/{tenant}/oauth2/v2.0/token
//!  /adfs/.well-known/openid-configuration ─► /login/adfs/.well-known/openid-configuration
//!  anything else                          ─► as it is
//! ```

use axum::http::{Request, Uri, uri::PathAndQuery};
use uuid::Uuid;

/// What follows a tenant in an address of the sign-in service.
const AFTER_TENANT: [&str; 5] = ["oauth2", "v2.0", ".well-known", "discovery", "adfs"];

/// Tenants that have a word instead of an id.
const TENANT_WORDS: [&str; 3] = ["adfs", "common", "organizations"];

/// Puts the address of a request into the form that the router knows.
#[must_use]
pub fn rewrite<B>(mut request: Request<B>) -> Request<B> {
    if let Some(path) = login_path(request.uri().path()) {
        replace_path(request.uri_mut(), &path);
    }
    request
}

/// The path below `/login` for what is asked of a tenant.
fn login_path(path: &str) -> Option<String> {
    let (tenant, rest) = path.strip_prefix('/')?.split_once('/')?;
    let after = rest.split('/').next()?;
    let is_tenant =
        TENANT_WORDS.iter().any(|word| word.eq_ignore_ascii_case(tenant)) || Uuid::try_parse(tenant).is_ok();
    let is_ours = AFTER_TENANT.iter().any(|word| word.eq_ignore_ascii_case(after));
    (is_tenant && is_ours).then(|| format!("/login/{}/{rest}", tenant.to_ascii_lowercase()))
}

/// Another path, the same query.
fn replace_path(uri: &mut Uri, path: &str) {
    let text = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = std::mem::take(uri).into_parts();
    // it was made of a good one
    if let Ok(path_and_query) = text.parse::<PathAndQuery>() {
        parts.path_and_query = Some(path_and_query);
    }
    *uri = Uri::from_parts(parts).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::rewrite;

    #[test]
    fn tenants_addresses_go_to_login_and_others_stay() {
        let id = "9a1f7a1e-53ab-4b59-8f0b-2f8ff66e1f3c";
        for (from, to) in [
            (format!("/{id}/oauth2/v2.0/token"), format!("/login/{id}/oauth2/v2.0/token")),
            (format!("/{}/oauth2/token?a=b%20c", id.to_uppercase()), format!("/login/{id}/oauth2/token?a=b%20c")),
            ("/adfs/.well-known/openid-configuration".into(), "/login/adfs/.well-known/openid-configuration".into()),
            ("/adfs/adfs/v2.0/.well-known/x".into(), "/login/adfs/adfs/v2.0/.well-known/x".into()),
            (format!("/{id}/vms"), format!("/{id}/vms")),
            ("/vms/oauth2/token".into(), "/vms/oauth2/token".into()),
            ("/adfs".into(), "/adfs".into()),
            ("/".into(), "/".into()),
            (
                format!("https://portal:8443/{id}/discovery/keys"),
                format!("https://portal:8443/login/{id}/discovery/keys"),
            ),
        ] {
            let request = axum::http::Request::builder().uri(&from).body(()).expect("a request");
            assert_eq!(rewrite(request).uri().to_string(), to, "{from}");
        }
    }
}
