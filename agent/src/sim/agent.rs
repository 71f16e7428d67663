//! One simulated agent, step by step.

use std::collections::{BTreeMap, VecDeque};
use std::sync::OnceLock;

use agent_protocol::envelope::MachineKey;
use agent_protocol::{
    AgentContact, AgentKind, EnrolRequest, EnrolResponse, ExtensionManifest, ExtensionsConfig, GoalState, JsonDocument,
    ParseError, RecordsRequest, RecordsResponse,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;

use super::plan::{Installed, Key, Todo, plan};
use super::report::{document, machine};
use super::script::{End, Script};
use super::spool::Spool;
use crate::clock;
use crate::credential::Credential;
use crate::machine::Machine;
use crate::transport::{Address, BadAddress, Connection, Request, Server, TransportError};

/// A simulated agent that does nothing by itself.
pub struct SimAgent {
    pub(super) credential: Credential,
    pub(super) server: Server,
    machine: Machine,
    says: AgentContact,
    connection: Connection,
    scripts: BTreeMap<String, Script>,
    default_script: Script,
    pub(super) known: Option<u64>,
    status_url: Option<String>,
    there: BTreeMap<Key, Installed>,
    pub(super) todo: VecDeque<Todo>,
    spool: Spool,
    pub(super) silent: bool,
    mute: bool,
}

/// What a step was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Asked for the goal state: this incarnation, not new.
    Unchanged(u64),
    /// Asked, and took up this new incarnation.
    TookUp(u64),
    /// Fetched a manifest and a package of this many bytes.
    Downloaded(usize),
    /// Sent records.
    Recorded,
    /// Sent the status document.
    Reported,
    /// Would have let time pass.
    Waited,
    /// Went silent; further steps do nothing until it comes back.
    Silent,
    /// The goal state is done.
    Done(u64),
}

/// A simulated agent could not do what it wanted.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// A request.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A document.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The server's address.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// The manifest does not list what the goal state wants.
    #[error("{0} is not in its manifest")]
    Unlisted(String),
}

impl SimAgent {
    /// Enrols a simulated machine. All of a process share one key, because making one takes long.
    ///
    /// # Errors
    /// The address is none, the server cannot be reached or refuses the token.
    pub async fn enrol(address: &str, token: &str, name: &str) -> Result<Self, SimError> {
        let address: Address = address.parse()?;
        let mut connection = Connection::new(Server::new(address.clone(), None, None)?);
        let machine = machine(name);
        let request = EnrolRequest {
            token: token.to_owned(),
            machine_id: machine.id,
            hostname: machine.hostname,
            os: machine.os,
            architecture: machine.architecture.to_owned(),
            agent_kind: AgentKind::AnnexAgent,
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            certificate: shared_certificate().to_owned(),
        };
        let answer = connection.send(&Request::json(Method::POST, crate::enrol::PATH, request.render())).await?;
        let answer = EnrolResponse::parse(&answer.body)?;
        Self::with_credential(Credential {
            server: address.to_string(),
            vm_id: answer.vm_id,
            vm_name: answer.vm_name,
            credential: answer.credential,
            package_key: answer.package_key,
            agent: AgentKind::AnnexAgent,
            fingerprint: None,
        })
    }

    /// A machine that is enrolled already: also the next life of one whose agent was killed.
    ///
    /// # Errors
    /// The address is none.
    pub fn with_credential(credential: Credential) -> Result<Self, SimError> {
        let server = Server::new(credential.server.parse()?, Some(&credential.credential), None)?;
        let life = format!("{:016x}", fastrand::u64(..));
        Ok(Self {
            machine: machine(&credential.vm_name),
            says: AgentContact {
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
                holder: Some(life.clone()),
                life: Some(life),
                boot: Some("simulated".to_owned()),
                machine: Some(credential.vm_id.clone()),
                ..AgentContact::default()
            },
            credential,
            connection: Connection::new(server.clone()),
            server,
            scripts: BTreeMap::new(),
            default_script: Script::default(),
            known: None,
            status_url: None,
            there: BTreeMap::new(),
            todo: VecDeque::new(),
            spool: Spool::default(),
            silent: false,
            mute: false,
        })
    }

    /// Who it is.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// A question for the goal state; what the agent says about itself comes with it.
    pub(super) fn question(says: &AgentContact, target: String) -> Request {
        let now = AgentContact { clock_ms: Some(clock::now().unix_ms()), ..says.clone() };
        Request::get(target).header(agent_protocol::contact::HEADER, now.render())
    }

    /// What it says about itself.
    pub(super) fn says(&self) -> AgentContact {
        self.says.clone()
    }

    /// What a handler does from the next goal state on.
    pub fn script(&mut self, handler: &str, script: Script) {
        self.scripts.insert(handler.to_owned(), script);
    }

    /// What handlers without a script of their own do.
    pub fn default_script(&mut self, script: Script) {
        self.default_script = script;
    }

    /// Does one thing: what is to do for the last goal state, or ask for a new one (without being held).
    ///
    /// # Errors
    /// A request failed; the same step can be tried again.
    pub async fn step(&mut self) -> Result<Step, SimError> {
        if self.silent {
            return Ok(Step::Silent);
        }
        let Some(todo) = self.todo.front().cloned() else {
            let answer =
                self.connection.send(&Self::question(&self.says, "/machine/?comp=goalstate".to_owned())).await?;
            let state = GoalState::parse(&answer.body)?;
            if self.known == Some(state.incarnation) {
                return Ok(Step::Unchanged(state.incarnation));
            }
            return self.take_up(&state).await;
        };
        let step = self.execute(todo).await?;
        self.todo.pop_front();
        Ok(step)
    }

    /// Steps until the goal state is done and there is no newer one; gives the incarnation.
    ///
    /// # Errors
    /// A step failed.
    pub async fn settle(&mut self) -> Result<Option<u64>, SimError> {
        loop {
            match self.step().await? {
                Step::Unchanged(incarnation) => return Ok(Some(incarnation)),
                Step::Silent => return Ok(None),
                _ => {}
            }
        }
    }

    /// After going silent: goes on where it stopped.
    pub fn come_back(&mut self) {
        self.silent = false;
    }

    pub(super) async fn take_up(&mut self, state: &GoalState) -> Result<Step, SimError> {
        let mut config = ExtensionsConfig::default();
        if let Some(url) = &state.extensions_config {
            config = ExtensionsConfig::parse(&self.connection.send(&Request::get(url)).await?.body)?;
        }
        let incarnation = config.incarnation.unwrap_or(state.incarnation);
        if let Some(blob) = &config.status_upload_blob {
            self.status_url = Some(blob.url.clone());
        }
        self.spool.forget_before(incarnation);
        let script = |name: &str| self.scripts.get(name).unwrap_or(&self.default_script).clone();
        self.mute = config.plugins.iter().any(|plugin| script(&plugin.name).end == End::NeverReport);
        self.todo = plan(&config, incarnation, &self.there, script);
        self.known = Some(incarnation);
        Ok(Step::TookUp(incarnation))
    }

    async fn execute(&mut self, todo: Todo) -> Result<Step, SimError> {
        match todo {
            Todo::Wait(_) => Ok(Step::Waited),
            Todo::Vanish => {
                self.silent = true;
                Ok(Step::Silent)
            }
            Todo::Done(incarnation) => Ok(Step::Done(incarnation)),
            Todo::Report => self.report().await,
            Todo::State(key, state) => {
                match state {
                    Some(state) => self.there.insert(key, state),
                    None => self.there.remove(&key),
                };
                self.report().await
            }
            Todo::Record(key, entries) => {
                // numbered once: a repeated step only sends again
                if let Some(Todo::Record(_, left)) = self.todo.front_mut() {
                    left.clear();
                }
                entries.into_iter().for_each(|entry| self.spool.push(&key, entry));
                self.send_records().await?;
                Ok(Step::Recorded)
            }
            Todo::Download(plugin) => {
                let manifest = self.connection.send(&Request::get(&plugin.location)).await?;
                let manifest = ExtensionManifest::parse(&manifest.body)?;
                let uri = manifest.select(&plugin.version).and_then(|entry| entry.uris.first());
                let uri = uri.ok_or_else(|| SimError::Unlisted(format!("{} {}", plugin.name, plugin.version)))?;
                Ok(Step::Downloaded(self.connection.send(&Request::get(uri)).await?.body.len()))
            }
        }
    }

    pub(super) async fn report(&mut self) -> Result<Step, SimError> {
        if let (Some(url), Some(known), false) = (&self.status_url, self.known, self.mute) {
            let document = document(&self.machine, known, &self.there).render();
            let request = Request::json(Method::PUT, url, document).header("x-ms-blob-type", "BlockBlob");
            self.connection.send(&request).await?;
        }
        Ok(Step::Reported)
    }

    async fn send_records(&mut self) -> Result<(), SimError> {
        let runs = self.spool.pending();
        if self.mute || runs.is_empty() {
            return Ok(());
        }
        let body = RecordsRequest { sent_at: Some(clock::now()), runs }.render();
        let answer = self.connection.send(&Request::json(Method::POST, "/annex/agent/v1/records", body)).await?;
        self.spool.acknowledge(&RecordsResponse::parse(&answer.body)?.acknowledged);
        Ok(())
    }
}

/// Base64 of the certificate that all simulated machines of this process share.
fn shared_certificate() -> &'static str {
    static CERTIFICATE: OnceLock<String> = OnceLock::new();
    CERTIFICATE.get_or_init(|| {
        let key = MachineKey::generate(clock::now()).expect("a test machine has randomness");
        STANDARD.encode(key.certificate_der)
    })
}
