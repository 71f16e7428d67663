//! One kept-alive connection.
//!
//! ```text
//! closed ──send──► connecting ──► open ──send──► open
//!    ▲                              │
//!    └────────broken, timed out─────┘      a kept connection that the server had closed is tried once more, anew
//! ```

use std::path::Path;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, HOST, USER_AGENT};
use hyper::{Method, Response, Uri};
use tokio::time::timeout;

use super::body::{collect, describe, save};
use super::{Address, Server, TransportError, stream};

const AGENT: &str = concat!("annex-agent/", env!("CARGO_PKG_VERSION"));
/// Limit of requests that are not held.
const USUAL_LIMIT: Duration = Duration::from_secs(30);
const MAX_ANSWER_BYTES: u64 = 20 * 1024 * 1024;

/// What to send.
#[derive(Clone, Debug)]
pub struct Request {
    method: Method,
    /// A path on the server, or an absolute URL.
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    limit: Duration,
}

impl Request {
    /// A request for a path on the server or an absolute URL, to be answered within 30 s.
    #[must_use]
    pub fn new(method: Method, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), headers: Vec::new(), body: Bytes::new(), limit: USUAL_LIMIT }
    }

    /// A GET with the headers of the wire protocol.
    #[must_use]
    pub fn get(target: impl Into<String>) -> Self {
        Self::new(Method::GET, target)
            .header("x-ms-agent-name", "annex-agent")
            .header("x-ms-version", agent_protocol::versions::PROTOCOL_VERSION)
    }

    /// A POST or PUT of JSON.
    #[must_use]
    pub fn json(method: Method, target: impl Into<String>, body: Vec<u8>) -> Self {
        Self { body: Bytes::from(body), ..Self::new(method, target) }.header("content-type", "application/json")
    }

    /// A request with any body.
    #[must_use]
    pub fn raw(method: Method, target: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::new(method, target) }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Changes the limit for the whole exchange.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    fn what(&self) -> String {
        let path = self.target.split(['?', '#']).next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}

/// A successful answer.
#[derive(Debug)]
pub struct Answer {
    /// 200 to 299, or 304.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// One kept-alive connection to a server.
#[derive(Debug)]
pub struct Connection {
    server: Server,
    open: Option<(Address, SendRequest<Full<Bytes>>)>,
}

impl Connection {
    /// A connection that is opened with the first request.
    #[must_use]
    pub fn new(server: Server) -> Self {
        Self { server, open: None }
    }

    /// Sends a request and takes in the answer.
    ///
    /// # Errors
    /// No connection, no answer in time, or an answer that is not 2xx (or 304).
    pub async fn send(&mut self, request: &Request) -> Result<Answer, TransportError> {
        let exchange = async {
            let response = self.exchange(request).await?;
            let status = response.status().as_u16();
            let body = collect(response.into_body(), MAX_ANSWER_BYTES, &request.what()).await?;
            if (200..300).contains(&status) || status == 304 {
                return Ok(Answer { status, body });
            }
            let message =
                agent_protocol::json::parse::<agent_protocol::ErrorResponse>(&body, 64 * 1024, "error answer");
            let message = message.map(|refusal| refusal.error.message).unwrap_or_default();
            Err(TransportError::Status { what: request.what(), status, message })
        };
        let result = timeout(request.limit, exchange).await;
        self.finish(request, result)
    }

    /// Sends a request and saves the answer's body, at most `max` bytes, as a file; says how many bytes.
    ///
    /// # Errors
    /// As [`Self::send`], and when the file cannot be written.
    pub async fn save(&mut self, request: &Request, path: &Path, max: u64) -> Result<u64, TransportError> {
        let exchange = async {
            let response = self.exchange(request).await?;
            let status = response.status().as_u16();
            if status != 200 {
                return Err(TransportError::Status { what: request.what(), status, message: String::new() });
            }
            save(response.into_body(), max, &request.what(), path).await
        };
        let result = timeout(request.limit, exchange).await;
        // the body of a refusal was not read
        self.finish(request, result).inspect_err(|_| self.open = None)
    }

    fn finish<T>(
        &mut self,
        request: &Request,
        result: Result<Result<T, TransportError>, tokio::time::error::Elapsed>,
    ) -> Result<T, TransportError> {
        let late =
            TransportError::Timeout { address: self.server.address().to_string(), seconds: request.limit.as_secs() };
        let result = result.unwrap_or(Err(late));
        if result.as_ref().is_err_and(|error| error.status().is_none()) {
            self.open = None;
        }
        result
    }

    async fn exchange(&mut self, request: &Request) -> Result<Response<Incoming>, TransportError> {
        let uri: Uri = request.target.parse().map_err(|_| TransportError::BadUrl(request.target.clone()))?;
        let own = self.server.address().owns(&uri);
        let address = if own {
            self.server.address().clone()
        } else {
            Address::of_uri(&uri).ok_or_else(|| TransportError::BadUrl(request.target.clone()))?
        };
        let kept = self.open.as_ref().is_some_and(|(kept, sender)| *kept == address && !sender.is_closed());
        if kept {
            match self.once(&address, own, &uri, request).await {
                // the server closed it while it was idle
                Err(TransportError::Broken { .. }) => {}
                other => return other,
            }
        }
        self.connect(&address, own).await?;
        self.once(&address, own, &uri, request).await
    }

    async fn connect(&mut self, address: &Address, own: bool) -> Result<(), TransportError> {
        self.open = None;
        let tls = match address {
            _ if own => self.server.tls(),
            Address::Tcp { tls: true, .. } => Some(self.server.other_tls()?),
            _ => None,
        };
        let stream = stream::connect(address, tls).await?;
        let (sender, connection) = handshake(stream).await.map_err(|error| broken(address, &error))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
        });
        self.open = Some((address.clone(), sender));
        Ok(())
    }

    async fn once(
        &mut self,
        address: &Address,
        own: bool,
        uri: &Uri,
        request: &Request,
    ) -> Result<Response<Incoming>, TransportError> {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let mut builder = hyper::Request::builder()
            .method(request.method.clone())
            .uri(path)
            .header(HOST, address.authority())
            .header(USER_AGENT, AGENT);
        if let Some(authorization) = self.server.authorization().filter(|_| own) {
            builder = builder.header(AUTHORIZATION, authorization);
        }
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let message = builder
            .body(Full::new(request.body.clone()))
            .map_err(|_| TransportError::BadUrl(request.target.clone()))?;
        let Some((_, sender)) = &mut self.open else {
            return Err(TransportError::Broken { address: address.to_string(), reason: "not connected".to_owned() });
        };
        sender.ready().await.map_err(|error| broken(address, &error))?;
        sender.send_request(message).await.map_err(|error| broken(address, &error))
    }
}

fn broken(address: &Address, error: &hyper::Error) -> TransportError {
    TransportError::Broken { address: address.to_string(), reason: describe(error) }
}
