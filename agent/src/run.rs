//! `annex-agent run`: everything together.
//!
//! ```text
//! Poll ──goal state──► Supervisor ──snapshot──► StatusReport ──► PUT status
//!                          │  ▲
//!                          │  └── Packages (download, hash, signature)
//!                          └──records──► Journals ──► Records ──► POST records
//! ```

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::contact::Contact;
use crate::credential::{self, Credential, CredentialError};
use crate::enrol::{self, EnsureError};
use crate::handler::{Limits, Options, Supervisor};
use crate::journal::{JournalError, Journals};
use crate::layout::Layout;
use crate::lock::{Lock, LockError};
use crate::machine::Machine;
use crate::packages::Packages;
use crate::poll::Poll;
use crate::presence::Presence;
use crate::report::{LAST_WORDS, Records, StatusReport};
use crate::rotate;
use crate::transport::{BadAddress, TransportError};

/// An agent that was just killed may still be going.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

/// The agent cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Another one does.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Who is this machine?
    #[error(transparent)]
    Ensure(#[from] EnsureError),
    /// Its identity cannot be offered to handlers.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The configured address is none.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// TLS cannot be set up.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The journals cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Folders, signals, file watching.
    #[error("cannot start: {0}")]
    Io(#[from] std::io::Error),
}

/// Runs until SIGTERM or SIGINT. Commands of handlers that are running then go on, and the next life takes them up.
///
/// # Errors
/// The agent cannot start; once it runs, it goes on.
pub async fn run(layout: &Layout, server: Option<&str>, limits: Limits) -> Result<(), RunError> {
    crate::files::private_folder(&layout.state)?;
    let _lock = Lock::take(&layout.lock(), LOCK_PATIENCE)?;
    let credential = enrol::ensure(layout).await?;
    let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let agent = Agent::start(layout, &credential, server, limits)?;
    let fresh = tokio::spawn(rotate::keep_fresh(layout.clone(), server.map(str::to_owned)));
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    tracing::info!("stopping; running commands go on");
    fresh.abort();
    agent.stop().await;
    Ok(())
}

/// A running agent; tests start it in their own process.
pub struct Agent {
    contact: Contact,
    poll: tokio::task::JoinHandle<()>,
    reports: [tokio::task::JoinHandle<()>; 2],
    supervisor: Arc<Supervisor>,
}

impl Agent {
    /// Starts all parts. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// As [`run`].
    pub fn start(
        layout: &Layout,
        credential: &Credential,
        server: Option<&str>,
        limits: Limits,
    ) -> Result<Self, RunError> {
        credential::offer_to_handlers(layout)?;
        let server = credential.server::<RunError>(layout, server)?;
        let machine = Machine::look(layout);
        let presence = Presence::look(layout, &machine);
        let journals = Journals::open(&layout.runs())?;
        let packages = Arc::new(Packages::new(server.clone(), &credential.package_key));
        let options = Options { server_address: server.address().authority(), limits };
        let supervisor = Arc::new(Supervisor::start(layout.places(), packages, journals.clone(), options)?);
        tracing::info!(vm = credential.vm_name, server = %server.address(), version = env!("CARGO_PKG_VERSION"), "annex-agent runs");
        let contact = Contact::default();
        let (places, keep) = (Arc::clone(&supervisor), layout.last_report());
        let status = StatusReport::new(server.clone(), places, contact.clone(), machine, keep);
        let records = Records::new(server.clone(), journals.clone(), contact.clone());
        let poll =
            Poll::new(server, Arc::clone(&supervisor), journals, contact.clone(), presence, layout.last_goal_state());
        Ok(Self {
            contact,
            poll: tokio::spawn(poll.run()),
            reports: [tokio::spawn(status.run()), tokio::spawn(records.run())],
            supervisor,
        })
    }

    /// Stops asking, says the last words, and stops.
    pub async fn stop(self) {
        self.poll.abort();
        self.contact.stop.send_replace(true);
        let [status, records] = self.reports;
        let (stop_status, stop_records) = (status.abort_handle(), records.abort_handle());
        let said = async { tokio::join!(status, records) };
        if tokio::time::timeout(LAST_WORDS, said).await.is_err() {
            tracing::warn!("the server did not hear everything; the rest is kept for the next start");
            stop_status.abort();
            stop_records.abort();
        }
        drop(self.supervisor);
    }
}
