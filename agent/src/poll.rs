//! Asking for the goal state, for ever.
//!
//! ```text
//!          ┌────────────── unchanged (held for some seconds by the server) ◄──┐
//!          ▼                                                            │
//! ask "is it still N?" ── new number ──► fetch its parts ──► apply ─────┘
//!          │                                 │
//!          └────── failed: wait, longer each time, up to 5 s  ◄─────────┘
//! ```
//!
//! A server that answers at once although nothing changed (it does not hold, or it is stopping) is asked again only
//! after a pause, so the loop cannot spin.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use agent_protocol::GoalState;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::contact::Contact;
use crate::files;
use crate::goal::{self, Goal, GoalError};
use crate::handler::Supervisor;
use crate::journal::Journals;
use crate::presence::Presence;
use crate::question::{HELD, question};
use crate::transport::{Backoff, Connection, Server};

/// How long a start waits for the server before it applies the goal state it kept.
const FIRST_ANSWER: Duration = Duration::from_secs(3);

/// The polling part of the agent.
pub struct Poll {
    connection: Connection,
    supervisor: Arc<Supervisor>,
    journals: Journals,
    contact: Contact,
    presence: Presence,
    keep: PathBuf,
    keeping: Option<JoinHandle<()>>,
    known: Option<u64>,
    refused: bool,
}

impl Poll {
    /// Polls `server` for `supervisor`; `keep` is where the last goal state is kept.
    #[must_use]
    pub fn new(
        server: Server,
        supervisor: Arc<Supervisor>,
        journals: Journals,
        contact: Contact,
        presence: Presence,
        keep: PathBuf,
    ) -> Self {
        let connection = Connection::new(server);
        Self { connection, supervisor, journals, contact, presence, keep, keeping: None, known: None, refused: false }
    }

    /// Polls until the future is dropped.
    pub async fn run(mut self) {
        let mut failed = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
        let mut idle = Backoff::new(Duration::from_millis(500), Duration::from_secs(6));
        let start = Instant::now();
        let mut alone = goal::kept(&self.keep);
        loop {
            let asked = Instant::now();
            let limit = if alone.is_some() { FIRST_ANSWER.saturating_sub(start.elapsed()) } else { Duration::MAX };
            let round = match tokio::time::timeout(limit, self.round()).await {
                Ok(round) => round,
                Err(_) => Ok(false),
            };
            match round {
                Ok(true) => {
                    alone = None;
                    failed.reset();
                    idle.reset();
                }
                Ok(false) if self.known.is_some() => {
                    failed.reset();
                    if asked.elapsed() < HELD { sleep(idle.pause()).await } else { idle.reset() }
                }
                Ok(false) => {}
                Err(error) => {
                    self.complain(&error);
                    sleep(failed.pause()).await;
                }
            }
            if self.known.is_none()
                && start.elapsed() >= FIRST_ANSWER
                && let Some(goal) = alone.take()
            {
                tracing::warn!(
                    incarnation = goal.wanted.incarnation,
                    "no server yet; applying the goal state kept from before"
                );
                self.apply(goal);
            }
        }
    }

    /// One question; true when there was a new goal state.
    async fn round(&mut self) -> Result<bool, GoalError> {
        let request = question(self.known, &self.presence.native());
        let answer = self.connection.send(&request).await?;
        if answer.status == 304 {
            return Ok(false);
        }
        let state = GoalState::parse(&answer.body)?;
        if std::mem::take(&mut self.refused) {
            tracing::info!("the server answers again");
        }
        if self.known == Some(state.incarnation) {
            return Ok(false);
        }
        let goal = goal::fetch(&mut self.connection, &state).await?;
        tracing::info!(incarnation = goal.wanted.incarnation, handlers = goal.wanted.handlers.len(), "new goal state");
        self.known = Some(goal.wanted.incarnation);
        self.apply(goal);
        Ok(true)
    }

    fn apply(&mut self, goal: Goal) {
        let incarnation = goal.wanted.incarnation;
        self.supervisor.apply(goal.wanted);
        if let Some(document) = goal.document {
            self.keep(document);
        }
        if goal.status_url.is_some() {
            self.contact.set_status_url(goal.status_url);
        }
        self.journals.forget_before(incarnation);
    }

    /// Keeps the document, one after the other. Waits for the disk beside the work and not in front of it.
    fn keep(&mut self, document: Vec<u8>) {
        let (path, before) = (self.keep.clone(), self.keeping.take());
        self.keeping = Some(tokio::spawn(async move {
            if let Some(before) = before {
                let _ = before.await; // it said itself what went wrong
            }
            let kept = tokio::task::spawn_blocking(move || (files::replace(&path, &document), path)).await;
            if let Ok((Err(error), path)) = kept {
                tracing::warn!(%error, path = %path.display(), "the goal state is not kept for a start without the server");
            }
        }));
    }

    /// Says it once, not at every attempt.
    fn complain(&mut self, error: &GoalError) {
        let status = if let GoalError::Transport(error) = error { error.status() } else { None };
        if std::mem::replace(&mut self.refused, true) {
            tracing::debug!(%error, "still no goal state");
        } else if matches!(status, Some(401 | 403)) {
            tracing::error!(%error, "the server does not accept this machine's credential; enrol it again with `annex-agent enrol --again`");
        } else {
            tracing::warn!(%error, "no goal state; trying again");
        }
    }
}
