//! Absolute addresses in documents, as whoever fetches them reaches this server: built from the `Host` header, or from
//! `x-annex-address` when a relay stands between (waagent knows nothing but the relay's address).

use std::fmt::Display;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use domain::{
    fault::{Fault, FaultKind},
    ids::VmId,
};

use super::error::WireError;
use crate::{listen::Peer, state::AppState};

/// The address under which a machine knows its relay.
const RELAY: &str = "x-annex-address";

/// Scheme and authority that the machine used.
pub(super) struct Address(String);

impl FromRequestParts<AppState> for Address {
    type Rejection = WireError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, WireError> {
        let relay = parts.headers.get(RELAY).and_then(|value| value.to_str().ok());
        if let Some(host) = relay.and_then(|text| text.strip_prefix("http://")).filter(|host| is_host(host)) {
            return Ok(Self(format!("http://{host}")));
        }
        let header = |name| parts.headers.get(name).and_then(|v: &axum::http::HeaderValue| v.to_str().ok());
        let host = header(header::HOST).or_else(|| parts.uri.authority().map(|a| a.as_str()));
        let host = host.filter(|host| is_host(host)).ok_or_else(|| {
            Fault::new(FaultKind::Invalid, "InvalidHost", "The request must name this server in its Host header.")
        })?;
        let encrypted = parts.extensions.get::<Peer>().is_some_and(|peer| peer.tls);
        let forwarded = state.config().behind_proxy
            && header(header::HeaderName::from_static("x-forwarded-proto"))
                .is_some_and(|p| p.eq_ignore_ascii_case("https"));
        let scheme = if encrypted || forwarded { "https" } else { "http" };
        Ok(Self(format!("{scheme}://{host}")))
    }
}

fn is_host(host: &str) -> bool {
    !host.is_empty() && host.len() <= 300 && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]_".contains(&b))
}

impl Address {
    /// A document of one machine.
    pub(super) fn own(&self, vm: VmId, document: &str, incarnation: impl Display) -> String {
        format!("{}/machine/{vm}/{document}?incarnation={incarnation}", self.0)
    }

    /// Where one machine's status goes. It has a query because agents redact from the question mark on.
    pub(super) fn status(&self, vm: VmId) -> String {
        format!("{}/machine/{vm}/status?type=status", self.0)
    }

    /// The manifest of a handler.
    pub(super) fn manifest(&self, handler: &str) -> String {
        format!("{}/annex/packages/{handler}/manifest.xml", self.0)
    }

    /// A package. The address names the content: other bytes have another address.
    pub(super) fn package(&self, handler: &str, sha256: &str) -> String {
        format!("{}/annex/packages/{handler}/{sha256}.zip", self.0)
    }
}
