//! Uploading the status document: at once when it changes, and once a minute.
//!
//! ```text
//! waiting ──changed, a minute passed, new address──► sending ──201──► waiting
//!    ▲                                                  │
//!    └───────────── pause, longer each time ◄──failed───┘     always the newest document, never an old one again
//! ```

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use agent_protocol::JsonDocument;
use hyper::Method;
use tokio::time::{Instant, sleep_until};

use super::{document, pause};
use crate::contact::Contact;
use crate::files;
use crate::handler::Supervisor;
use crate::machine::Machine;
use crate::transport::{Backoff, Connection, Request, Server, TransportError};

const AT_LEAST_EVERY: Duration = Duration::from_secs(60);
/// Handlers that write their status in a loop do not become a stream of uploads.
const AT_MOST_EVERY: Duration = Duration::from_millis(25);

/// The status-reporting part of the agent.
pub struct StatusReport {
    connection: Connection,
    supervisor: Arc<Supervisor>,
    contact: Contact,
    machine: Machine,
    keep: PathBuf,
}

impl StatusReport {
    /// Reports what `supervisor` says; a copy of the last document is kept in `keep`.
    #[must_use]
    pub fn new(server: Server, supervisor: Arc<Supervisor>, contact: Contact, machine: Machine, keep: PathBuf) -> Self {
        Self { connection: Connection::new(server), supervisor, contact, machine, keep }
    }

    /// Reports until the agent is stopped; then once more.
    pub async fn run(mut self) {
        let mut changes = self.supervisor.changes();
        let mut address = self.contact.status_url.subscribe();
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
        loop {
            changes.borrow_and_update();
            let url = address.borrow_and_update().clone();
            let stopping = self.contact.is_stopping();
            if let Some(url) = url {
                match self.send(&url).await {
                    Ok(()) => backoff.reset(),
                    Err(error) if stopping => {
                        tracing::warn!(%error, "the last status is not reported");
                        return;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the status is not reported; trying again");
                        pause(&self.contact, backoff.pause()).await;
                        continue;
                    }
                }
            }
            if stopping {
                return;
            }
            let next = Instant::now() + AT_LEAST_EVERY;
            pause(&self.contact, AT_MOST_EVERY).await;
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                _ = address.changed() => {}
                () = sleep_until(next) => {}
                () = self.contact.stopped() => {}
            }
        }
    }

    async fn send(&mut self, url: &str) -> Result<(), TransportError> {
        let document = document(&self.machine, self.supervisor.snapshot()).render();
        let request = Request::json(Method::PUT, url, document.clone())
            .header("x-ms-blob-type", "BlockBlob")
            .header("x-ms-version", "2014-02-14");
        self.connection.send(&request).await?;
        if let Err(error) = files::replace_unsynced(&self.keep, &document) {
            tracing::debug!(%error, "the report is not kept");
        }
        Ok(())
    }
}
