//! The use cases of Annex: every change and every view, with who asks as the first argument.
//!
//! ```text
//!  portal page ─┐
//!  REST route  ─┼─► Control ──► domain rule ──► store transaction ──► hub (what changed) ──► pages, held requests
//!  agent       ─┘      ▲
//!                      └── tasks: woken by signal and by timer, no input, safe to repeat
//! ```
//! * `operations::accept` is the only place where a change of intent is written: rule check, wanted extension, new goal
//!   state, operation and activity line in one transaction.
//! * `operations::driver` is the only writer of operation states; everything that is observed goes through
//!   `domain::operation::OperationTarget::observe`.
//! * Nothing that must survive lives in memory: the hub and the held requests are rebuilt from the database.

mod access;
mod accounts;
mod activity;
mod agent_events;
mod agent_history;
mod agent_programs;
mod agent_says;
mod api_place;
mod api_reference;
mod by_name;
mod catalogue;
pub mod compute;
pub mod context;
mod enrol_script;
mod enrolment;
mod error;
mod extensions;
mod goal_states;
mod groups;
mod guest_agents;
mod home;
mod image_tokens;
mod inventory;
mod jumps;
mod keys;
mod lab;
pub mod live;
mod long_running;
mod machine_flags;
mod marketplace;
mod offered;
mod operations;
mod package_check;
mod packages;
mod remembered;
mod rotation;
pub mod run_commands;
mod secrets;
mod settings;
mod settled;
mod sign_in;
mod tasks;
mod tokens;
mod tries;
mod vm_put;
mod vms;

use std::{path::PathBuf, sync::Arc};

use domain::{
    extension_image::{Marketplace, MarketplaceFilter},
    page::PageRequest,
    timestamp::Timestamp,
    vm::VmFilter,
};
use remembered::Remembered;
pub use remembered::reading;
use store::Store;
use tokio_util::sync::CancellationToken;

pub use crate::{
    access::DirectoryEntry,
    agent_events::{AgentProbe, AgentTells},
    agent_programs::AgentProgram,
    agent_says::AgentSays,
    by_name::VmPlace,
    compute::{Compute, LabVm},
    context::{Clock, Context, Ids, SystemClock, SystemIds},
    enrolment::{EnrolRequest, Enrolled},
    error::Error,
    extensions::OnVm,
    goal_states::{Wanted, WantedExtension, WantedState},
    guest_agents::{AgentIdentity, ContactGuard},
    home::Metrics,
    inventory::{ExtensionSeen, VmSeen, VmWithExtensions, VmsFrom},
    live::Hub,
    long_running::{LongRunning, Printed, Standing},
    offered::Offered,
    operations::{
        records::{RunAck, RunBatch, RunRecord},
        reports::StatusDocument,
    },
    package_check::{PACKAGE_LARGEST, check as check_package},
    sign_in::SignedIn,
    tokens::{IssuedToken, ProgramCredentials, PublicTokenKey, token_issuer},
    vm_put::{Accepted, VmWords},
};

/// What an installation decides.
#[derive(Clone, Debug)]
pub struct ControlConfig {
    /// Folder of the keys that are not in the database: sealing key and package signing key. Shared by all processes of
    /// one installation; made when missing, readable by its owner only.
    pub keys_dir: PathBuf,
    /// The address at which machines and people reach this server, for enrolment commands and links.
    pub server_url: String,
    /// Version of the server, as pages show it.
    pub version: String,
    /// Certificate (PEM) of the private authority that the server's own certificate comes from: machines that enrol are
    /// given it.
    pub authority: Option<String>,
    /// The address at which programs reach the API, over TLS; `None`: it is not served over TLS by this server itself.
    pub api_url: Option<String>,
    /// Certificate (PEM) of the private authority that programs must trust to reach the API.
    pub api_authority: Option<String>,
    /// The `annex-agent` programs that machines may fetch: architecture in the kernel's words, and file.
    pub agent_programs: Vec<(String, PathBuf)>,
    /// Makes the OpenAPI document of the API, which the portal shows to people; `None`: there is no API.
    pub api_document: Option<fn() -> serde_json::Value>,
}

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Control {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) config: ControlConfig,
    pub(crate) context: Context,
    pub(crate) hub: Hub,
    pub(crate) compute: Arc<dyn Compute>,
    pub(crate) keys: keys::Keys,
    pub(crate) contacts: guest_agents::Contacts,
    pub(crate) goal_states: goal_states::Watchers,
    pub(crate) sign_in: sign_in::Guard,
    pub(crate) enrolments: tries::Failures,
    pub(crate) token_tries: tries::Failures,
    pub(crate) installation: tokio::sync::OnceCell<domain::access::Installation>,
    /// Whom a session stands for.
    pub(crate) people: Remembered<domain::ids::AccountId, Option<sign_in::Person>>,
    /// Whom a token stands for, by object id.
    pub(crate) standings: Remembered<domain::ids::PrincipalId, Option<tokens::Standing>>,
    /// Tokens whose signature was found right.
    pub(crate) tokens: tokens::Checked,
    pub(crate) agent_programs: agent_programs::Programs,
    pub(crate) package_cache: packages::Cache,
    pub(crate) catalogue: catalogue::Kept,
    /// Open and failed operations, by the moment that failures count from.
    pub(crate) figures: Remembered<Timestamp, home::Figures>,
    /// Pages of machines that are narrowed by nothing that depends on the time.
    pub(crate) vm_pages: Remembered<(VmFilter, PageRequest), vms::VmRows>,
    /// The marketplace, by what is looked for.
    pub(crate) marketplaces: Remembered<MarketplaceFilter, Marketplace>,
    /// Machines with their extensions, by group and name in lower case: what programs read all the time.
    pub(crate) machines: Remembered<(String, String), Option<Arc<inventory::VmKept>>>,
    /// The description of the API, or why it cannot be read.
    pub(crate) api_document:
        std::sync::OnceLock<Result<domain::api_reference::ApiDocument, domain::api_reference::UnreadableDocument>>,
    pub(crate) power_wake: tokio::sync::Notify,
    /// What machines told of themselves in the present minute.
    pub(crate) told: agent_events::Told,
    /// This life of a server process, and when it began.
    pub(crate) life: (domain::ids::ServerLifeId, Timestamp, std::time::Duration),
    pub(crate) jumps: std::sync::Mutex<jumps::Jumps>,
    pub(crate) shutdown: CancellationToken,
}

impl Control {
    /// Puts the parts together and loads (or makes) the keys. The schema must be up to date.
    ///
    /// Errors: the keys folder cannot be read or written.
    pub fn open(
        store: Store,
        config: ControlConfig,
        context: Context,
        compute: Arc<dyn Compute>,
        shutdown: CancellationToken,
    ) -> Result<Self, Error> {
        let keys = keys::Keys::open(&config.keys_dir, context.ids.as_ref())?;
        let agent_programs = agent_programs::Programs::new(config.agent_programs.clone());
        let hub = Hub::new(context.clock.now());
        let life = domain::ids::ServerLifeId::new(context.ids.uuid());
        let life = (life, context.clock.now(), context.clock.steady());
        let jumps = std::sync::Mutex::new(jumps::Jumps::new(context.clock.now(), context.clock.steady()));
        Ok(Self {
            inner: Arc::new(Inner {
                store,
                config,
                context,
                hub,
                compute,
                keys,
                contacts: guest_agents::Contacts::default(),
                goal_states: goal_states::Watchers::default(),
                sign_in: sign_in::Guard::new(),
                enrolments: tries::Failures::new(),
                token_tries: tries::Failures::new(),
                installation: tokio::sync::OnceCell::new(),
                people: Remembered::default(),
                standings: Remembered::default(),
                tokens: tokens::Checked::default(),
                agent_programs,
                package_cache: packages::Cache::default(),
                catalogue: catalogue::Kept::default(),
                figures: Remembered::default(),
                vm_pages: Remembered::default(),
                marketplaces: Remembered::default(),
                machines: Remembered::of_many(inventory::MACHINES_KEPT),
                api_document: std::sync::OnceLock::new(),
                power_wake: tokio::sync::Notify::new(),
                told: agent_events::Told::default(),
                life,
                jumps,
                shutdown,
            }),
        })
    }

    /// What pages watch.
    pub fn live(&self) -> &Hub {
        &self.inner.hub
    }

    /// Does the database answer?
    ///
    /// Errors: `Unavailable`.
    pub async fn ready(&self) -> Result<(), Error> {
        self.inner.store.read().await?.vm_count().await?;
        Ok(())
    }

    /// The server's time, from its clock (which may jump).
    pub fn now(&self) -> Timestamp {
        self.inner.context.clock.now()
    }

    /// Time since some moment before; never jumps.
    pub(crate) fn steady(&self) -> std::time::Duration {
        self.inner.context.clock.steady()
    }

    pub(crate) fn new_uuid(&self) -> uuid::Uuid {
        self.inner.context.ids.uuid()
    }
}
