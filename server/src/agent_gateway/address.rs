//! Absolute addresses in documents, as whoever fetches them reaches this server: built from the `Host` header, or from
//! `x-annex-address` when a relay stands between (waagent knows nothing but the relay's address).

use std::fmt::Display;

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::{
    fault::{Fault, FaultKind},
    ids::VmId,
};

use super::error::WireError;
use crate::{http::origin, state::AppState};

/// The address under which a machine knows its relay.
const RELAY: &str = "x-annex-address";

/// Scheme and authority that the machine used.
pub(super) struct Address(String);

impl FromRequestParts<AppState> for Address {
    type Rejection = WireError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, WireError> {
        let relay = parts.headers.get(RELAY).and_then(|value| value.to_str().ok());
        if let Some(host) = relay.and_then(|text| text.strip_prefix("http://")).filter(|host| origin::is_host(host)) {
            return Ok(Self(format!("http://{host}")));
        }
        let behind_proxy = state.config().behind_proxy;
        origin::origin(&parts.extensions, &parts.headers, &parts.uri, behind_proxy).map(Self).ok_or_else(|| {
            let message = "The request must name this server in its Host header.";
            Fault::new(FaultKind::Invalid, "InvalidHost", message).into()
        })
    }
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
