//! `annex-agent generalise TOKEN`: this machine becomes an image whose copies enrol by themselves.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use agent_protocol::AgentKind;
use serde::{Deserialize, Serialize};

use crate::credential::{Credential, CredentialError};
use crate::files;
use crate::install::{self, InstallError};
use crate::layout::Layout;
use crate::lock::{Lock, LockError};
use crate::machine;
use crate::transport::{Address, BadAddress};

/// An agent that was just stopped may still be going.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// What a copy needs to enrol; for root's eyes only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Image {
    /// The server's address.
    pub(super) server: String,
    /// The token that works for many machines.
    pub(super) token: String,
    /// Which agent speaks for the copies.
    pub(super) agent: AgentKind,
    /// The system's identity when the image was made: a copy that still has it has none of its own.
    pub(super) machine_id: Option<String>,
}

/// What a person asked for.
#[derive(Clone, Copy)]
pub struct Generalisation<'a> {
    /// The image's token.
    pub token: &'a str,
    /// The server instead of the one this machine enrolled at.
    pub server: Option<&'a str>,
    /// Certificate of a private authority (PEM) instead of the one this machine enrolled with.
    pub ca: Option<&'a Path>,
    /// Which agent speaks for the copies instead of the one this machine enrolled with.
    pub agent: Option<AgentKind>,
}

/// This machine does not become an image.
#[derive(Debug, thiserror::Error)]
pub enum GeneraliseError {
    /// It must know where its copies enrol.
    #[error("this machine is not enrolled, so say where its copies shall enrol: --server URL")]
    NoServer,
    /// The agent runs.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The server's address is none.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// The present enrolment cannot be read.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// Something cannot be deleted or stopped.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// A file.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> GeneraliseError {
    let path = path.to_owned();
    move |source| GeneraliseError::Io { action, path, source }
}

/// Stops the agent, forgets who this machine is and what runs on it, and keeps the token. Gives the server's address.
/// Killed at any point, it can be repeated.
///
/// # Errors
/// Nobody said where copies enrol, an agent runs that is not a service, or the disk refuses.
pub fn generalise(layout: &Layout, wanted: &Generalisation<'_>) -> Result<String, GeneraliseError> {
    let earlier = Image::load(layout)?;
    let enrolled = match Credential::load(layout) {
        Err(CredentialError::NotEnrolled) => None,
        other => Some(other?),
    };
    let known = enrolled.map(|c| (c.server, c.agent)).or_else(|| earlier.map(|image| (image.server, image.agent)));
    let server = wanted.server.map(str::to_owned).or_else(|| known.as_ref().map(|(server, _)| server.clone()));
    let server: Address = server.ok_or(GeneraliseError::NoServer)?.parse()?;
    let agent = wanted.agent.or(known.map(|(_, agent)| agent)).unwrap_or(AgentKind::AnnexAgent);
    install::pause(layout)?;
    files::private_folder(&layout.state).map_err(io("make", &layout.state))?;
    let _lock = Lock::take(&layout.lock(), LOCK_PATIENCE)?;
    if let Some(ca) = wanted.ca {
        let pem = std::fs::read(ca).map_err(io("read", ca))?;
        files::replace(&layout.authority(), &pem).map_err(io("write", &layout.authority()))?;
    }
    let (server, token) = (server.to_string(), wanted.token.to_owned());
    let image = Image { server: server.clone(), token, agent, machine_id: machine::system_id(layout) };
    files::replace(&layout.image(), &agent_protocol::json::render(&image)).map_err(io("write", &layout.image()))?;
    forget_handlers(layout, agent)?;
    install::forget_but(layout, &["image.json", "ca.pem"])?;
    Ok(server)
}

/// Deletes what this machine's enrolment installed: the copies begin without extensions.
fn forget_handlers(layout: &Layout, agent: AgentKind) -> Result<(), GeneraliseError> {
    if agent == AgentKind::Waagent {
        // all of it is the state of the one agent that ran here
        return Ok(install::everything_but(&layout.library, &[])?);
    }
    // the library may be shared with another agent: only what our records name
    let places = layout.places();
    let records = match std::fs::read_dir(places.records()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(io("list", &places.records()))?,
    };
    let handlers: Vec<String> = records
        .flatten()
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".json")?.to_owned()))
        .collect();
    let library = match std::fs::read_dir(&layout.library) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(io("list", &layout.library))?,
    };
    for entry in library.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = |handler: &String| {
            name.strip_prefix(handler.as_str())
                .and_then(|rest| rest.strip_prefix('-'))
                .is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
        };
        if handlers.iter().any(ours) || entry.path() == places.packages() {
            std::fs::remove_dir_all(entry.path()).map_err(io("delete", &entry.path()))?;
        }
    }
    Ok(())
}

impl Image {
    /// The file, if this machine is an image or a copy that has not enrolled yet.
    pub(super) fn load(layout: &Layout) -> Result<Option<Self>, GeneraliseError> {
        let path = layout.image();
        let bytes = files::read(&path, 64 * 1024).map_err(io("read", &path))?;
        let parse =
            |bytes: Vec<u8>| serde_json::from_slice(&bytes).map_err(io::Error::other).map_err(io("read", &path));
        bytes.map(parse).transpose()
    }

    /// The copy is a machine of its own now.
    pub(super) fn remove(layout: &Layout) -> Result<(), GeneraliseError> {
        let path = layout.image();
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io("delete", &path)(error)),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, token: _, agent, machine_id } = self;
        f.debug_struct("Image")
            .field("server", server)
            .field("agent", agent)
            .field("machine_id", machine_id)
            .finish_non_exhaustive()
    }
}
