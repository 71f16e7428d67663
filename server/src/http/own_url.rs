//! The address at which a client sees this server: links in answers lead back there.

use axum::http::{header, request::Parts};

use crate::listen::Peer;

/// `https://host:port`, by what the request says of itself.
#[must_use]
pub fn own_url(parts: &Parts, behind_proxy: bool) -> String {
    let tls = parts.extensions.get::<Peer>().is_some_and(|peer| peer.tls);
    let forwarded = behind_proxy && parts.headers.get("x-forwarded-proto").is_none_or(|proto| proto == "https");
    let scheme = if tls || forwarded { "https" } else { "http" };
    let host = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let authority = host.or_else(|| parts.uri.authority().map(|a| a.as_str())).unwrap_or("localhost");
    // it goes into headers and JSON of the answer: nothing but what an authority is made of
    let clean = authority.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_'));
    format!("{scheme}://{}", if clean { authority } else { "localhost" })
}
