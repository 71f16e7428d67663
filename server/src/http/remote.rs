//! The address a request is counted under when tries are limited.

use std::net::IpAddr;

use axum::http::{Extensions, HeaderMap};

use crate::listen::Peer;

/// The client's address. Behind a proxy that is the last entry of `X-Forwarded-For`: the one our own proxy wrote;
/// earlier ones are whatever the client claimed.
#[must_use]
pub fn remote_ip(extensions: &Extensions, headers: &HeaderMap, behind_proxy: bool) -> Option<IpAddr> {
    let forwarded = || {
        let value = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        value.rsplit(',').next()?.trim().parse().ok()
    };
    behind_proxy.then(forwarded).flatten().or_else(|| extensions.get::<Peer>().and_then(Peer::ip))
}

/// [`remote_ip`] as text; `local` on a local socket.
#[must_use]
pub fn remote_text(extensions: &Extensions, headers: &HeaderMap, behind_proxy: bool) -> String {
    remote_ip(extensions, headers, behind_proxy).map_or_else(|| "local".to_owned(), |ip| ip.to_string())
}

#[cfg(test)]
mod tests {
    use axum::http::{Extensions, HeaderMap, HeaderValue};

    use super::remote_text;
    use crate::listen::Peer;

    #[test]
    fn only_the_proxys_own_entry_is_believed() {
        let mut extensions = Extensions::new();
        extensions.insert(Peer::at("192.0.2.1:5000".parse().expect("address")));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("203.0.113.9, 198.51.100.7"));
        assert_eq!(remote_text(&extensions, &headers, false), "192.0.2.1");
        assert_eq!(remote_text(&extensions, &headers, true), "198.51.100.7");
        assert_eq!(remote_text(&Extensions::new(), &HeaderMap::new(), true), "local");
    }
}
