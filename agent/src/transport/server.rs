//! One server as this machine knows it.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use tokio_rustls::TlsConnector;

use super::{Address, TransportError, tls};

/// Address, trust and credential. Cheap to clone.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

struct Inner {
    address: Address,
    /// For the server itself.
    tls: Option<TlsConnector>,
    /// For other addresses in its documents; made when first needed.
    other_tls: OnceLock<TlsConnector>,
    ca: Option<std::path::PathBuf>,
    authorization: Option<String>,
}

impl Server {
    /// A server; `credential` is absent while enrolling, `ca` is the private authority's certificate (PEM).
    ///
    /// # Errors
    /// The address wants TLS and it cannot be set up.
    pub fn new(address: Address, credential: Option<&str>, ca: Option<&Path>) -> Result<Self, TransportError> {
        let tls = matches!(address, Address::Tcp { tls: true, .. }).then(|| tls::connector(ca)).transpose()?;
        let authorization = credential.map(|credential| format!("Bearer {credential}"));
        let ca = ca.map(Path::to_owned);
        Ok(Self(Arc::new(Inner { address, tls, other_tls: OnceLock::new(), ca, authorization })))
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.0.address
    }

    pub(super) fn authorization(&self) -> Option<&str> {
        self.0.authorization.as_deref()
    }

    pub(super) fn tls(&self) -> Option<&TlsConnector> {
        self.0.tls.as_ref()
    }

    /// For an address other than the server's own: a private authority counts there, too, when one is given.
    pub(super) fn other_tls(&self) -> Result<&TlsConnector, TransportError> {
        if let Some(connector) = self.0.other_tls.get() {
            return Ok(connector);
        }
        let connector = tls::connector(self.0.ca.as_deref())?;
        Ok(self.0.other_tls.get_or_init(|| connector))
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.0.address).finish_non_exhaustive()
    }
}
