//! `annex-agent enrol URL TOKEN`: a single-use token becomes this machine's credential.
//!
//! ```text
//! key and certificate on disk ──► POST enrol ──► credential on disk ──► files for handlers
//! ```
//! Killed before the answer: the next try uses the same key. Killed between answer and disk: the token is used up, and
//! the portal makes a new one.

mod ensure;
mod image;

use std::path::Path;
use std::time::Duration;

use agent_protocol::{AgentKind, EnrolRequest, EnrolResponse, JsonDocument, ParseError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;

pub use self::ensure::{EnsureError, ensure};
pub use self::image::{Generalisation, GeneraliseError, generalise};

use crate::credential::{self, Credential, CredentialError};
use crate::files;
use crate::layout::Layout;
use crate::machine::Machine;
use crate::transport::{Address, Backoff, BadAddress, Connection, Request, Server, TransportError};

/// Path of the enrolment request.
pub const PATH: &str = "/annex/agent/v1/enrol";
const ATTEMPTS: u32 = 5;

/// What a person asked for.
#[derive(Clone, Debug)]
pub struct Enrolment<'a> {
    /// Address of the server.
    pub url: &'a str,
    /// The single-use token.
    pub token: &'a str,
    /// Name of the machine instead of its host name.
    pub name: Option<&'a str>,
    /// Certificate of a private authority (PEM).
    pub ca: Option<&'a Path>,
    /// Replace an earlier enrolment.
    pub again: bool,
    /// Which agent will speak for this machine.
    pub agent: AgentKind,
}

/// Enrolment did not work.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// It is enrolled.
    #[error("this machine is enrolled as {name} at {server} with {agent}; use --again to replace that")]
    Already {
        /// Its name.
        name: String,
        /// Where.
        server: String,
        /// Its agent's name.
        agent: &'static str,
    },
    /// The URL is none.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// Key or credential.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The request.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The answer.
    #[error("the server's answer cannot be understood: {0}")]
    Answer(#[from] ParseError),
    /// The authority's certificate or the state folder.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Enrols this machine.
///
/// # Errors
/// It is enrolled already, the server cannot be reached, or it refuses the token.
pub async fn enrol(layout: &Layout, enrolment: &Enrolment<'_>) -> Result<Credential, EnrolError> {
    if let (false, Ok(known)) = (enrolment.again, Credential::load(layout)) {
        return Err(EnrolError::Already { name: known.vm_name, server: known.server, agent: known.agent.word() });
    }
    let io = |action, path: &Path| {
        let path = path.display().to_string();
        move |source| EnrolError::Io { action, path, source }
    };
    files::private_folder(&layout.state).map_err(io("make", &layout.state))?;
    let address: Address = enrolment.url.parse()?;
    let server = Server::new(address.clone(), None, enrolment.ca)?;
    let certificate = credential::machine_certificate(layout)?;
    let machine = Machine::look(layout);
    let fingerprint = machine.fingerprint(layout);
    let request = EnrolRequest {
        token: enrolment.token.to_owned(),
        machine_id: machine.id,
        hostname: enrolment.name.map_or(machine.hostname, str::to_owned),
        os: machine.os,
        architecture: machine.architecture.to_owned(),
        agent_kind: enrolment.agent,
        agent_version: version_of(enrolment.agent, layout),
        certificate: STANDARD.encode(certificate),
    };
    let answer = ask(server, &request).await?;
    match enrolment.ca {
        Some(ca) if ca == layout.authority() => {}
        Some(ca) => {
            let pem = std::fs::read(ca).map_err(io("read", ca))?;
            files::replace(&layout.authority(), &pem).map_err(io("write", &layout.authority()))?;
        }
        None => drop(std::fs::remove_file(layout.authority())),
    }
    let credential = Credential {
        server: address.to_string(),
        vm_id: answer.vm_id,
        vm_name: answer.vm_name,
        credential: answer.credential,
        package_key: answer.package_key,
        agent: enrolment.agent,
        fingerprint: Some(fingerprint),
    };
    credential.save(layout)?;
    credential::offer_to_handlers(layout)?;
    Ok(credential)
}

/// The credential, if this machine is enrolled already at this address and with this agent.
#[must_use]
pub fn is_enrolled(layout: &Layout, url: &str, agent: AgentKind) -> Option<Credential> {
    let address: Address = url.parse().ok()?;
    Credential::load(layout).ok().filter(|known| known.server == address.to_string() && known.agent == agent)
}

/// What the agent calls itself; the newest word comes with its reports.
fn version_of(agent: AgentKind, layout: &Layout) -> String {
    match agent {
        AgentKind::AnnexAgent => env!("CARGO_PKG_VERSION").to_owned(),
        AgentKind::Waagent => waagent_version(layout).unwrap_or_else(|| "unknown".to_owned()),
    }
}

/// From `WALinuxAgent-2.7.3.0 running on debian 12`.
fn waagent_version(layout: &Layout) -> Option<String> {
    let program = ["usr/sbin/waagent", "usr/bin/waagent"].map(|path| layout.root.join(path));
    let program = program.into_iter().find(|path| path.is_file())?;
    let output =
        std::process::Command::new(program).arg("--version").stdin(std::process::Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, version) = said.split_once("WALinuxAgent-")?;
    version.split_whitespace().next().map(str::to_owned)
}

/// Tries again only while nobody can have used the token up.
async fn ask(server: Server, request: &EnrolRequest) -> Result<EnrolResponse, EnrolError> {
    let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(4));
    let mut connection = Connection::new(server);
    let message = Request::json(Method::POST, PATH, request.render());
    for attempt in 1.. {
        match connection.send(&message).await {
            Ok(answer) => return Ok(EnrolResponse::parse(&answer.body)?),
            Err(error @ TransportError::Connect { .. }) if attempt < ATTEMPTS => {
                tracing::warn!(%error, "trying again");
                tokio::time::sleep(backoff.pause()).await;
            }
            Err(error) if matches!(error.status(), Some(429 | 503)) && attempt < ATTEMPTS => {
                tracing::warn!(%error, "trying again");
                tokio::time::sleep(backoff.pause()).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    unreachable!("the loop ends with its last attempt")
}
