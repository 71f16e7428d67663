//! One connection: HTTP/1.1 or HTTP/2, with limits on what a slow or hostile peer may hold.

use std::time::Duration;

use axum::{Router, http::Request};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::Watcher},
    service::TowerToHyperService,
};
use tower::ServiceBuilder;

use super::Peer;

/// Request line and headers must have arrived within this time.
const HEADERS: Duration = Duration::from_secs(15);
/// Most bytes of request line and headers.
const HEADER_BYTES: usize = 64 * 1024;

/// Serves a connection until it ends or the server drains.
pub(super) async fn serve<S>(stream: S, router: Router, peer: Peer, watcher: Watcher)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(6))
        .keep_alive_timeout(Duration::from_secs(6))
        .max_concurrent_streams(100)
        .max_header_list_size(64 * 1024)
        .max_pending_accept_reset_streams(20);
    // not a layer of the router: that would copy every route for every connection
    let service = ServiceBuilder::new()
        .map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            request
        })
        .service(router);
    let service = TowerToHyperService::new(service);
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection ended");
    }
}
