//! Sockets: where requests come in, with which limits, and how they end.
//!
//! ```text
//!  TcpListener ──┐                                        shutdown
//!  + TLS       ──┼─► accept ─► connection task ◄────────────┤  1. stop accepting; held requests are released
//!  UnixListener──┘              (hyper, http/1 + http/2)    │  2. finish what runs, at most DRAIN
//!                                                           ▼  3. drop the rest
//! ```

mod accept;
mod connection;
mod files;
mod local_ca;
mod peer;
mod tls;

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, UnixListener};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use files::raise_open_files;
pub use local_ca::{LocalCa, LocalCaError};
pub use peer::Peer;
pub use tls::{TlsError, acceptor_from_files, acceptor_from_local_ca};

/// How long requests that run may go on after the signal to stop.
pub const DRAIN: Duration = Duration::from_secs(10);

/// A bound socket.
pub enum Listener {
    /// Plain HTTP.
    Tcp(TcpListener),
    /// HTTP behind TLS.
    Tls(TcpListener, TlsAcceptor),
    /// HTTP on a local socket: lab machines.
    Unix(UnixListener),
}

impl Listener {
    /// Binds an address for HTTP, or HTTPS when there is an acceptor.
    ///
    /// # Errors
    /// The address is taken or not this machine's.
    pub async fn tcp(address: SocketAddr, tls: Option<TlsAcceptor>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(match tls {
            Some(acceptor) => Self::Tls(listener, acceptor),
            None => Self::Tcp(listener),
        })
    }

    /// Binds a local socket; one that is left over from a process that died is replaced.
    ///
    /// # Errors
    /// Another process serves it, or the folder cannot be written.
    pub async fn unix(path: &Path) -> std::io::Result<Self> {
        accept::unix(path).await.map(Self::Unix)
    }

    /// The address it listens on, for TCP.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) | Self::Tls(listener, _) => listener.local_addr().ok(),
            Self::Unix(_) => None,
        }
    }
}

/// Serves until `shutdown`, then drains for at most [`DRAIN`]. Returns how many connections had to be cut.
pub async fn serve(listeners: Vec<Listener>, router: Router, shutdown: CancellationToken) -> usize {
    let graceful = Arc::new(GracefulShutdown::new());
    let (tracker, cut) = (TaskTracker::new(), CancellationToken::new());
    let mut loops = tokio::task::JoinSet::new();
    for listener in listeners {
        let context = accept::Context {
            router: router.clone(),
            graceful: graceful.clone(),
            tracker: tracker.clone(),
            cut: cut.clone(),
        };
        let shutdown = shutdown.clone();
        loops.spawn(async move {
            tokio::select! {
                () = accept::run(listener, context) => {}
                () = shutdown.cancelled() => {}
            }
        });
    }
    while loops.join_next().await.is_some() {}
    tracker.close();
    let drained = async {
        if let Some(graceful) = Arc::into_inner(graceful) {
            graceful.shutdown().await;
        }
        tracker.wait().await;
    };
    if tokio::time::timeout(DRAIN, drained).await.is_ok() {
        return 0;
    }
    let left = tracker.len();
    cut.cancel();
    tracker.wait().await;
    left
}
