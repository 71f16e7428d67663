//! Accepting connections.

use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration};

use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Listener, Peer, connection};

/// A TLS handshake must be over within this time.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Pause after an accept that failed (usually: no free file descriptors).
const PAUSE: Duration = Duration::from_millis(100);

/// What the connections of one listener share.
pub(super) struct Context {
    pub(super) router: Router,
    pub(super) graceful: Arc<GracefulShutdown>,
    pub(super) tracker: TaskTracker,
    pub(super) cut: CancellationToken,
}

/// Accepts for ever; each connection is a task.
pub(super) async fn run(listener: Listener, context: Context) {
    let mut last_failure = None;
    loop {
        let accepted = match &listener {
            Listener::Tcp(tcp) | Listener::Tls(tcp, _) => {
                tcp.accept().await.map(|(stream, address)| Accepted::Tcp(stream, Peer::at(address)))
            }
            Listener::Unix(unix) => unix.accept().await.map(|(stream, _)| Accepted::Unix(stream)),
        };
        match accepted {
            Ok(Accepted::Unix(stream)) => spawn(&context, stream, Peer::local()),
            Ok(Accepted::Tcp(stream, peer)) => {
                tune(&stream);
                match &listener {
                    Listener::Tls(_, acceptor) => spawn_tls(&context, acceptor.clone(), stream, peer),
                    _ => spawn(&context, stream, peer),
                }
            }
            Err(error) if is_the_peers(&error) => {}
            Err(error) => {
                let kind = error.kind();
                if last_failure.replace(kind) != Some(kind) {
                    tracing::warn!(%error, "cannot accept connections; trying on");
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

enum Accepted {
    Tcp(TcpStream, Peer),
    Unix(UnixStream),
}

fn is_the_peers(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// No Nagle: streamed pages and events are many small writes. Keepalive: a machine that vanished under a held request
/// is noticed after 6 + 2 × 3 seconds, the time after which an agent counts as not responding.
fn tune(stream: &TcpStream) {
    let keepalive =
        TcpKeepalive::new().with_time(Duration::from_secs(6)).with_interval(Duration::from_secs(3)).with_retries(2);
    let socket = SockRef::from(stream);
    if let Err(error) = stream.set_nodelay(true).and_then(|()| socket.set_tcp_keepalive(&keepalive)) {
        tracing::debug!(%error, "socket options");
    }
}

fn spawn<S>(context: &Context, stream: S, peer: Peer)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let served = connection::serve(stream, context.router.clone(), peer, context.graceful.watcher());
    let cut = context.cut.clone();
    context.tracker.spawn(async move {
        tokio::select! {
            () = served => {}
            () = cut.cancelled() => {}
        }
    });
}

fn spawn_tls(context: &Context, acceptor: tokio_rustls::TlsAcceptor, stream: TcpStream, peer: Peer) {
    let (router, watcher, cut) = (context.router.clone(), context.graceful.watcher(), context.cut.clone());
    context.tracker.spawn(async move {
        let served = async {
            match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => connection::serve(stream, router, peer.encrypted(), watcher).await,
                Ok(Err(error)) => tracing::debug!(%error, "TLS handshake"),
                Err(_) => tracing::debug!("TLS handshake took too long"),
            }
        };
        tokio::select! {
            () = served => {}
            () = cut.cancelled() => {}
        }
    });
}

/// Binds a local socket that everybody on this machine may connect to: what counts is the machine's credential.
pub(super) async fn unix(path: &Path) -> std::io::Result<UnixListener> {
    if UnixStream::connect(path).await.is_ok() {
        let text = format!("another process serves {}", path.display());
        return Err(std::io::Error::new(std::io::ErrorKind::AddrInUse, text));
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))?;
    Ok(listener)
}
