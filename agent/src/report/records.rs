//! Streaming records of runs: sent as soon as they are in the journal, again from the server's number when lost.

use std::time::Duration;

use agent_protocol::{JsonDocument, RecordsRequest, RecordsResponse};
use hyper::Method;
use tokio::time::sleep;

use super::pause;
use crate::clock;
use crate::contact::Contact;
use crate::journal::{Journals, Pending};
use crate::transport::{Backoff, Connection, Request, Server, TransportError};

/// Path of the records request.
pub const PATH: &str = "/annex/agent/v1/records";
/// What is written within this time goes into one request.
const COALESCE: Duration = Duration::from_millis(3);
const USUAL_BATCH: usize = 256 * 1024;
const SMALLEST_BATCH: usize = 4 * 1024;

/// The record-streaming part of the agent.
pub struct Records {
    connection: Connection,
    journals: Journals,
    contact: Contact,
}

impl Records {
    /// Streams what is in `journals`.
    #[must_use]
    pub fn new(server: Server, journals: Journals, contact: Contact) -> Self {
        Self { connection: Connection::new(server), journals, contact }
    }

    /// Streams until the agent is stopped; then what is left.
    pub async fn run(mut self) {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
        let mut batch = USUAL_BATCH;
        loop {
            let pending = self.journals.pending(batch);
            let stopping = self.contact.is_stopping();
            if pending.is_empty() {
                if stopping {
                    return;
                }
                tokio::select! {
                    () = self.journals.changed() => sleep(COALESCE).await,
                    () = self.contact.stopped() => {}
                }
                continue;
            }
            let pause_for = match self.send(pending).await {
                Ok(true) => {
                    backoff.reset();
                    batch = USUAL_BATCH;
                    continue;
                }
                Ok(false) => {
                    tracing::warn!("the server takes no records now");
                    backoff.pause()
                }
                Err(error) => {
                    tracing::warn!(%error, "records are not delivered; trying again");
                    if error.status() == Some(413) {
                        batch = (batch / 2).max(SMALLEST_BATCH);
                    }
                    backoff.pause()
                }
            };
            if pause(&self.contact, pause_for).await && stopping {
                return;
            }
        }
    }

    /// Sends a batch; true when the server has got further by it.
    async fn send(&mut self, runs: Pending) -> Result<bool, TransportError> {
        let request = RecordsRequest { sent_at: Some(clock::now()), runs };
        let answer = self.connection.send(&Request::json(Method::POST, PATH, request.render())).await?;
        let response = RecordsResponse::parse(&answer.body)
            .map_err(|error| TransportError::Broken { address: PATH.to_owned(), reason: error.to_string() })?;
        let further = response.acknowledged.iter().any(|acknowledged| {
            let sent = request.runs.iter().find(|run| run.key == acknowledged.key);
            // a lower number is progress, too: the server asks for what it lacks
            sent.and_then(|run| run.records.first()).is_some_and(|first| first.n != acknowledged.next)
        });
        self.journals.acknowledge(&response.acknowledged);
        Ok(further)
    }
}
