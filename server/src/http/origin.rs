//! The address under which somebody reached this server: scheme and authority, from the `Host` header.
//!
//! The header is whatever the client says. It is put into answers to that client and compared with what it was given; it
//! decides nothing for anybody else.

use axum::http::{Extensions, HeaderMap, HeaderName, Uri, header};

use crate::listen::Peer;

/// Is what travels between client and portal encrypted? Behind a proxy of ours, the proxy says so.
#[must_use]
pub fn is_encrypted(extensions: &Extensions, headers: &HeaderMap, behind_proxy: bool) -> bool {
    let forwarded = || {
        let said = headers.get(HeaderName::from_static("x-forwarded-proto")).and_then(|value| value.to_str().ok());
        said.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
    };
    extensions.get::<Peer>().is_some_and(|peer| peer.tls) || (behind_proxy && forwarded())
}

/// Scheme and authority, without a slash at the end; `None` when the client names no host, or something that is none.
#[must_use]
pub fn origin(extensions: &Extensions, headers: &HeaderMap, uri: &Uri, behind_proxy: bool) -> Option<String> {
    let named = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let host = named.or_else(|| uri.authority().map(|authority| authority.as_str())).filter(|host| is_host(host))?;
    let scheme = if is_encrypted(extensions, headers, behind_proxy) { "https" } else { "http" };
    Some(format!("{scheme}://{host}"))
}

/// Could this stand in an address as host and port?
#[must_use]
pub fn is_host(host: &str) -> bool {
    !host.is_empty() && host.len() <= 300 && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]_".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&'static str, &'static str)], tls: bool, behind_proxy: bool) -> Option<String> {
        let mut extensions = Extensions::new();
        let peer = Peer::at("192.0.2.1:5000".parse().expect("address"));
        extensions.insert(if tls { peer.encrypted() } else { peer });
        let pairs = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), header::HeaderValue::from_static(value)));
        origin(&extensions, &pairs.collect(), &Uri::from_static("/x"), behind_proxy)
    }

    #[test]
    fn only_tls_and_our_own_proxy_make_it_https() {
        let host = ("host", "portal.example:8443");
        let proto = ("x-forwarded-proto", "https");
        assert_eq!(asked(&[host], true, false).as_deref(), Some("https://portal.example:8443"));
        assert_eq!(asked(&[host, proto], false, false).as_deref(), Some("http://portal.example:8443"));
        assert_eq!(asked(&[host, proto], false, true).as_deref(), Some("https://portal.example:8443"));
        assert_eq!(asked(&[("host", "a/b\"")], true, false), None);
        assert_eq!(asked(&[], true, false), None);
    }
}
