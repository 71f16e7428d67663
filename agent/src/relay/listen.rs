//! Taking requests: from this machine only, of a bounded size, within a bounded time.

use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::USER_AGENT;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, StatusCode, Uri};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::answer::{self, Answer};
use super::network::MACHINE;
use super::{Relay, identity, peer};

/// Largest body: collected logs.
const MAX_BODY: usize = 32 * 1024 * 1024;
/// Connections at a time on one port; more wait.
const MAX_CONNECTIONS: usize = 32;
const HEADER_LIMIT: Duration = Duration::from_secs(10);
const BODY_LIMIT: Duration = Duration::from_secs(60);
const CONNECTION_LIMIT: Duration = Duration::from_secs(120);
/// Accepting failed, most likely for want of descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Who is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    /// Processes of root.
    Root,
    /// Every process of this machine.
    Anybody,
}

/// Which of the three services a port is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    WireServer,
    HostPlugin,
    Metadata,
}

impl Service {
    const fn allowed(self) -> Allowed {
        match self {
            Self::WireServer | Self::HostPlugin => Allowed::Root,
            Self::Metadata => Allowed::Anybody,
        }
    }
}

/// Serves one port until the future is dropped.
pub(super) async fn serve(relay: Arc<Relay>, listener: TcpListener, service: Service) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        // the semaphore is never closed
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let relay = Arc::clone(&relay);
                tokio::spawn(async move {
                    let _ = tokio::time::timeout(CONNECTION_LIMIT, connection(relay, stream, peer, service)).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn connection(relay: Arc<Relay>, stream: TcpStream, peer: SocketAddr, service: Service) {
    let _ = stream.set_nodelay(true);
    let allowed = stream.local_addr().is_ok_and(|local| is_allowed(peer, local, service.allowed()));
    let answer = |request: Request<Incoming>| {
        let relay = Arc::clone(&relay);
        async move {
            let answer =
                if allowed { take(&relay, request, service).await } else { answer::status(StatusCode::FORBIDDEN) };
            Ok::<_, Infallible>(answer)
        }
    };
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_LIMIT)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service_fn(answer));
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection ended");
    }
}

/// waagent runs as root; whoever else asks could take the keys that protected settings are opened with.
fn is_allowed(peer: SocketAddr, local: SocketAddr, allowed: Allowed) -> bool {
    if peer.ip() != IpAddr::V4(MACHINE) {
        tracing::warn!(%peer, "a request from outside of this machine is not answered");
        return false;
    }
    match (peer::owner(peer, local), allowed) {
        (Some(0), _) | (Some(_), Allowed::Anybody) => true,
        (owner, _) => {
            tracing::warn!(user = ?owner, %local, "a request that is not root's is refused");
            false
        }
    }
}

async fn take(relay: &Arc<Relay>, request: Request<Incoming>, service: Service) -> Answer {
    let (parts, body) = request.into_parts();
    // before the first byte is asked for: whoever waits for "100 Continue" hears of it in place of sending the rest
    if body.size_hint().lower() > MAX_BODY as u64 {
        return answer::status(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let body = match tokio::time::timeout(BODY_LIMIT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return answer::status(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => return answer::status(StatusCode::REQUEST_TIMEOUT),
    };
    let (method, uri, headers) = (parts.method, parts.uri, parts.headers);
    let answer = route(relay, &method, &uri, &headers, body, service).await;
    tracing::debug!(%method, %uri, status = answer.status().as_u16(), "asked");
    answer
}

fn route<'a>(
    relay: &'a Arc<Relay>,
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    body: Bytes,
    service: Service,
) -> std::pin::Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
    let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    match service {
        Service::WireServer => {
            relay.guest.heard(user_agent);
            Box::pin(relay.wire_server(method, uri, headers, body))
        }
        Service::HostPlugin => {
            relay.guest.heard(user_agent);
            Box::pin(relay.host_plugin(method, uri, headers, body))
        }
        Service::Metadata if uri.path() == identity::PATH => Box::pin(relay.identity(method, uri, headers)),
        Service::Metadata => Box::pin(async move { relay.instance(method, uri, headers) }),
    }
}
