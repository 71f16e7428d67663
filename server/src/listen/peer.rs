//! Who is at the other end of a connection; an extension of every request.

use std::net::{IpAddr, SocketAddr};

/// The other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address; `None` on a local socket.
    pub address: Option<SocketAddr>,
    /// The connection is encrypted.
    pub tls: bool,
}

impl Peer {
    /// A peer on a local socket.
    #[must_use]
    pub const fn local() -> Self {
        Self { address: None, tls: false }
    }

    /// A peer on the network.
    #[must_use]
    pub const fn at(address: SocketAddr) -> Self {
        Self { address: Some(address), tls: false }
    }

    /// The same peer behind TLS.
    #[must_use]
    pub const fn encrypted(self) -> Self {
        Self { tls: true, ..self }
    }

    /// The address without its port; `None` on a local socket.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.map(|a| a.ip().to_canonical())
    }
}
