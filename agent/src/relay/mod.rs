//! `annex-agent relay`: the unmodified Azure Linux Agent on this machine, served by an Annex server.
//!
//! ```text
//!            this machine                                                             Annex
//!  waagent ──plain HTTP──► 168.63.129.16:80     WireServer   ┐
//!          ──────────────► 168.63.129.16:32526  HostGAPlugin ├─ Relay ──TLS, the machine's credential──► agent gateway
//!          ──────────────► 169.254.169.254:80   IMDS         ┘    │
//!                                                                 └ disk: what a start without the server needs
//! ```
//! The relay answers what can be answered here: unchanged goal states (held), certificates, status documents that say
//! nothing new. The server sees one held question, as from a native agent, and the documents that matter.

mod answer;
mod certificates;
mod goal;
mod guest;
pub mod hold;
mod host_plugin;
mod identity;
mod instance;
mod listen;
pub mod network;
mod packages;
mod peer;
mod status;
mod store;
mod telemetry;
mod upstream;
mod wire_server;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

use self::goal::PickedUp;
use self::guest::Guest;
use self::listen::{Service, serve};
use self::network::NetworkError;
use self::packages::Downloads;
use self::status::Reports;
use self::store::RelayStore;
use self::upstream::Upstream;
use crate::credential::Credential;
use crate::enrol::{self, EnsureError};
use crate::layout::Layout;
use crate::lock::{Lock, LockError};
use crate::machine::Machine;
use crate::presence::Presence;
use crate::rotate;
use crate::transport::{BadAddress, TransportError};

/// A relay that was just killed may still be going.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
/// How often the machine's own network is looked at: somebody may restart it.
const NETWORK_CHECK: Duration = Duration::from_secs(5);

/// The relay cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// Another agent or relay does.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Who is this machine?
    #[error(transparent)]
    Ensure(#[from] EnsureError),
    /// The configured address is none.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// TLS cannot be set up.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The addresses that waagent insists on cannot be had.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The machine's network was restarted, and with it went the relay's interface.
    #[error("{} is gone or without its route; starting again", network::INTERFACE)]
    Interface,
    /// Folders, signals.
    #[error("cannot start: {0}")]
    Io(#[from] std::io::Error),
}

/// Everything that requests are answered from.
struct Relay {
    credential: Credential,
    layout: Layout,
    store: RelayStore,
    upstream: Arc<Upstream>,
    guest: Arc<Guest>,
    reports: Reports,
    downloads: Downloads,
    tokens: identity::Tokens,
    /// The extensions configuration of the goal state that waagent has just taken.
    picked_up: Arc<PickedUp>,
}

/// Runs until SIGTERM or SIGINT. waagent keeps what it has and goes on when the relay is back.
///
/// # Errors
/// The relay cannot start, or its network was taken away; once it runs, everything else goes on.
pub async fn run(layout: &Layout, server: Option<&str>, listeners: network::Listeners) -> Result<(), RelayError> {
    crate::files::private_folder(&layout.state)?;
    let _lock = Lock::take(&layout.lock(), LOCK_PATIENCE)?;
    let credential = enrol::ensure(layout).await?;
    let configured = server.map(str::to_owned);
    let server = credential.server::<RelayError>(layout, server)?;
    let presence = Presence::look(layout, &Machine::look(layout));
    let store = RelayStore::open(layout.relay())?;
    let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tracing::info!(vm = credential.vm_name, server = %server.address(), version = env!("CARGO_PKG_VERSION"), "annex-agent relay runs");
    let relay = Arc::new(Relay {
        reports: Reports::new(status::unsent(&store)),
        upstream: Arc::new(Upstream::new(server)),
        guest: Arc::new(Guest::new(&layout.root)),
        downloads: Downloads::default(),
        tokens: identity::Tokens::default(),
        picked_up: Arc::default(),
        layout: layout.clone(),
        credential,
        store,
    });
    let mut parts = JoinSet::new();
    parts.spawn(rotate::keep_fresh(layout.clone(), configured));
    parts.spawn(Arc::clone(&relay.upstream).follow(presence, Arc::clone(&relay.guest)));
    parts.spawn(serve(Arc::clone(&relay), TcpListener::from_std(listeners.wire_server)?, Service::WireServer));
    parts.spawn(serve(Arc::clone(&relay), TcpListener::from_std(listeners.host_plugin)?, Service::HostPlugin));
    if let Some(metadata) = listeners.metadata {
        parts.spawn(serve(Arc::clone(&relay), TcpListener::from_std(metadata)?, Service::Metadata));
    }
    for work in [Work::Reports, Work::Instance, Work::Again] {
        let relay = Arc::clone(&relay);
        parts.spawn(async move { relay.work(work).await });
    }
    crate::ready::tell();
    let ended = tokio::select! {
        _ = terminated.recv() => Ok(()),
        _ = interrupted.recv() => Ok(()),
        () = network_gone() => Err(RelayError::Interface),
    };
    tracing::info!("stopping");
    parts.shutdown().await;
    ended
}

/// What runs beside the answers.
#[derive(Clone, Copy)]
enum Work {
    Reports,
    Instance,
    Again,
}

impl Relay {
    async fn work(&self, work: Work) {
        match work {
            Work::Reports => self.pass_reports().await,
            Work::Instance => self.follow_instance().await,
            Work::Again => self.after_trouble().await,
        }
    }

    /// When the server is back, it is told the newest status: it may have been restored meanwhile.
    async fn after_trouble(&self) {
        let mut trouble = self.upstream.trouble();
        let mut before = trouble.borrow_and_update().is_some();
        while trouble.changed().await.is_ok() {
            let now = trouble.borrow_and_update().is_some();
            if before && !now {
                self.report_again();
            }
            before = now;
        }
    }
}

/// Ends when the interface is not there any more.
async fn network_gone() {
    loop {
        tokio::time::sleep(NETWORK_CHECK).await;
        if !network::intact() {
            return;
        }
    }
}

/// Does somebody else answer where instance metadata is? Then a cloud does, and it stays so.
#[must_use]
pub fn metadata_is_taken() -> bool {
    let address = std::net::SocketAddr::from((network::METADATA, 80));
    std::net::TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}
