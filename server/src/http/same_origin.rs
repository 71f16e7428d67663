//! No other site may make a signed-in browser change something (CSRF).
//!
//! Browsers say on every unsafe request where it comes from: `Sec-Fetch-Site`, else `Origin`. A request that carries the
//! session cookie and says neither is refused too. Together with `SameSite=Lax` cookies no token is needed in forms.

use axum::http::{HeaderMap, Method, Uri, header};

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign;

/// Refuses unsafe requests that come from somewhere else.
///
/// # Errors
/// [`Foreign`] when the browser names another origin, or a cookie comes without a word about its origin.
pub fn check(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Foreign> {
    if method.is_safe() {
        return Ok(());
    }
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        // `none`: the person did it (a reload of a form), no site did
        return if matches!(site, "same-origin" | "none") { Ok(()) } else { Err(Foreign) };
    }
    match headers.get(header::ORIGIN) {
        Some(origin) => {
            // HTTP/2 names the host in the address instead
            let host = text("host").or_else(|| uri.authority().map(|a| a.as_str()));
            let authority = origin.to_str().ok().and_then(|o| o.split_once("://")).map(|(_, authority)| authority);
            if authority.is_some() && authority == host { Ok(()) } else { Err(Foreign) }
        }
        None if headers.contains_key(header::COOKIE) => Err(Foreign),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

    use super::check;

    fn allowed(method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        let map: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        check(&method, &Uri::from_static("/"), &map).is_ok()
    }

    #[test]
    fn another_origin_may_read_but_not_change() {
        let host = ("host", "portal.example:8443");
        assert!(allowed(Method::GET, &[host, ("sec-fetch-site", "cross-site"), ("cookie", "x=1")]));
        assert!(allowed(Method::POST, &[host, ("sec-fetch-site", "same-origin"), ("cookie", "x=1")]));
        assert!(allowed(Method::POST, &[host, ("origin", "https://portal.example:8443")]));
        assert!(allowed(Method::POST, &[host]));
        for foreign in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "https://portal.example"),
            ("origin", "null"),
            ("cookie", "annex_session=1"),
        ] {
            assert!(!allowed(Method::POST, &[host, foreign]), "{foreign:?}");
        }
    }
}
