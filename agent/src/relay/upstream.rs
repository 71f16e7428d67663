//! Towards the server: one held question for the goal state, and one connection for everything else.
//!
//! ```text
//! ask "is it still N?" ──held by the server──► unchanged ─┐
//!        ▲                         └─ new number ─► known ─┤   failed: pause, longer each time, up to 5 s
//!        └────────────────────────────────────────────────┘
//! ```
//! Only the number is taken: waagent fetches the documents itself, at once, and that is the pick-up.

use std::sync::Arc;
use std::time::Duration;

use agent_protocol::GoalState;
use hyper::Method;
use hyper::body::Bytes;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep};

use super::guest::Guest;
use super::network::WIRE_SERVER;
use crate::presence::Presence;
use crate::question::{HELD, question};
use crate::transport::{Answer, Backoff, Connection, Request, Server, TransportError};

/// waagent waits 10 s for anything.
const ANSWER_LIMIT: Duration = Duration::from_secs(8);
/// Says under which address the machine knows us, so that documents name it.
const ADDRESS_HEADER: &str = "x-annex-address";

/// The server, as the relay knows it.
pub struct Upstream {
    server: Server,
    requests: Mutex<Connection>,
    /// The goal state that is in force; nothing before the server was heard.
    known: watch::Sender<Option<u64>>,
    /// Why the server is not heard, once it is not.
    trouble: watch::Sender<Option<String>>,
}

impl Upstream {
    /// An upstream that has heard nothing yet.
    #[must_use]
    pub fn new(server: Server) -> Self {
        let requests = Mutex::new(Connection::new(server.clone()));
        Self { server, requests, known: watch::Sender::new(None), trouble: watch::Sender::new(None) }
    }

    /// Follows the number of the goal state.
    #[must_use]
    pub fn known(&self) -> watch::Receiver<Option<u64>> {
        self.known.subscribe()
    }

    /// Follows whether the server is heard; a text says why it is not.
    #[must_use]
    pub fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.trouble.subscribe()
    }

    /// A connection of its own, for a long transfer.
    #[must_use]
    pub fn transfer(&self) -> Connection {
        Connection::new(self.server.clone())
    }

    /// Fetches a document for waagent: answered within its patience or not at all.
    ///
    /// # Errors
    /// As [`Connection::send`].
    pub async fn get(&self, path: &str) -> Result<Vec<u8>, TransportError> {
        self.send(Request::get(path).header(ADDRESS_HEADER, format!("http://{WIRE_SERVER}"))).await.map(|a| a.body)
    }

    /// Passes a message on.
    ///
    /// # Errors
    /// As [`Connection::send`].
    pub async fn pass(&self, method: Method, path: &str, body: Vec<u8>, kind: &str) -> Result<(), TransportError> {
        self.send(Request::raw(method, path, body).header("content-type", kind)).await.map(drop)
    }

    /// Passes something large on, by a connection of its own.
    ///
    /// # Errors
    /// As [`Connection::send`].
    pub async fn pass_large(&self, method: Method, path: &str, body: Bytes, kind: &str) -> Result<(), TransportError> {
        self.transfer().send(&Request::raw(method, path, body).header("content-type", kind)).await.map(drop)
    }

    async fn send(&self, request: Request) -> Result<Answer, TransportError> {
        self.requests.lock().await.send(&request.within(ANSWER_LIMIT)).await
    }

    /// Asks for the goal state until the future is dropped.
    pub async fn follow(self: Arc<Self>, presence: Presence, guest: Arc<Guest>) {
        let mut connection = Connection::new(self.server.clone());
        let mut failed = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
        let mut idle = Backoff::new(Duration::from_millis(500), Duration::from_secs(6));
        loop {
            let asked = Instant::now();
            let known = *self.known.borrow();
            let mut contact = presence.relay();
            guest.describe(&mut contact);
            match connection.send(&question(known, &contact)).await {
                Ok(answer) => {
                    failed.reset();
                    self.heard();
                    match GoalState::parse(&answer.body) {
                        Ok(state) if Some(state.incarnation) != known => {
                            tracing::info!(incarnation = state.incarnation, "new goal state");
                            self.known.send_replace(Some(state.incarnation));
                            idle.reset();
                        }
                        Ok(_) if asked.elapsed() < HELD => sleep(idle.pause()).await,
                        Ok(_) => idle.reset(),
                        Err(error) => {
                            self.complain(&format!("the server's document cannot be understood: {error}"), None);
                            sleep(failed.pause()).await;
                        }
                    }
                }
                Err(error) => {
                    self.complain(&error.to_string(), error.status());
                    sleep(failed.pause()).await;
                }
            }
        }
    }

    fn heard(&self) {
        if self.trouble.send_replace(None).is_some() {
            tracing::info!("the server answers again");
        }
    }

    /// Says it once, not at every attempt.
    fn complain(&self, error: &str, status: Option<u16>) {
        if self.trouble.send_replace(Some(error.to_owned())).is_some() {
            tracing::debug!(error, "still no server");
        } else if matches!(status, Some(401 | 403)) {
            tracing::error!(
                error,
                "the server does not accept this machine's credential; enrol it again with `annex-agent enrol --again`. \
                 waagent keeps what it has"
            );
        } else {
            tracing::warn!(error, "the server is away; waagent keeps what it has");
        }
    }
}
