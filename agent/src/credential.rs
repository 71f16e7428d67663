//! Who this machine is at which server: written once by `enrol`, for its owner's eyes only.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use agent_protocol::AgentKind;
use agent_protocol::envelope::{self, EnvelopeError, MachineKey};
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::files;
use crate::layout::Layout;
use crate::transport::{Address, BadAddress, Server, TransportError};

/// What `enrol` brought.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// The server's address.
    pub server: String,
    /// This machine's id there.
    pub vm_id: String,
    /// This machine's name there.
    pub vm_name: String,
    /// Goes into every request.
    pub credential: String,
    /// Base64 of the Ed25519 key that packages are signed with.
    pub package_key: String,
    /// Which agent speaks for this machine.
    #[serde(default = "native")]
    pub agent: AgentKind,
    /// What the machine was when it enrolled (see `Machine::fingerprint`); nothing in files of older agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

const fn native() -> AgentKind {
    AgentKind::AnnexAgent
}

/// Identity files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// There is none.
    #[error("this machine is not enrolled; run `annex-agent enrol URL TOKEN` first")]
    NotEnrolled,
    /// A file cannot be read or written.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{path} is damaged ({reason}); enrol this machine again with `annex-agent enrol --again URL TOKEN`")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] EnvelopeError),
}

impl Credential {
    /// Reads what `enrol` wrote.
    ///
    /// # Errors
    /// Not enrolled, or the file cannot be read or understood.
    pub fn load(layout: &Layout) -> Result<Self, CredentialError> {
        let path = layout.credential();
        let bytes = read(&path)?.ok_or(CredentialError::NotEnrolled)?;
        let damaged = |error: serde_json::Error| CredentialError::Damaged { path, reason: error.to_string() };
        serde_json::from_slice(&bytes).map_err(damaged)
    }

    /// The server that this machine is enrolled at, or `configured` in its place, with the credential and whom to trust.
    ///
    /// # Errors
    /// The address is none, or TLS cannot be set up.
    pub fn server<E>(&self, layout: &Layout, configured: Option<&str>) -> Result<Server, E>
    where
        E: From<BadAddress> + From<TransportError>,
    {
        let address: Address = configured.unwrap_or(&self.server).parse()?;
        let ca = layout.authority();
        Ok(Server::new(address, Some(&self.credential), ca.exists().then_some(ca.as_path()))?)
    }

    /// Writes it, mode 0600.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn save(&self, layout: &Layout) -> Result<(), CredentialError> {
        write(&layout.credential(), &agent_protocol::json::render(self))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, vm_id, vm_name, credential: _, package_key, agent, fingerprint: _ } = self;
        f.debug_struct("Credential")
            .field("server", server)
            .field("vm_id", vm_id)
            .field("vm_name", vm_name)
            .field("package_key", package_key)
            .field("agent", agent)
            .finish_non_exhaustive()
    }
}

/// The machine's certificate in DER; made together with its key when there is none yet. The key is written first, so
/// a certificate on disk always has its key.
///
/// # Errors
/// The disk refuses, a file is damaged, or no key could be made.
pub fn machine_certificate(layout: &Layout) -> Result<Vec<u8>, CredentialError> {
    certificate_at(&layout.machine_certificate(), &layout.machine_key())
}

/// The certificate of a rotation, made when none is under way, and known to handlers already.
///
/// # Errors
/// As [`machine_certificate`].
pub fn next_certificate(layout: &Layout) -> Result<Vec<u8>, CredentialError> {
    let der = certificate_at(&layout.next_certificate(), &layout.next_key())?;
    offer_to_handlers(layout)?;
    Ok(der)
}

/// The next pair becomes the current one, and the current one the former. May be repeated when it was interrupted.
///
/// # Errors
/// The disk refuses.
pub fn take_next(layout: &Layout) -> Result<(), CredentialError> {
    let copy = |from: std::path::PathBuf, to: std::path::PathBuf| match read(&from)? {
        Some(content) => write(&to, &content),
        None => Ok(()),
    };
    // an interrupted try may have moved the key already: the former one is safe then
    if read(&layout.machine_key())? != read(&layout.next_key())? {
        copy(layout.machine_key(), layout.former_key())?;
        copy(layout.machine_certificate(), layout.former_certificate())?;
    }
    copy(layout.next_key(), layout.machine_key())?;
    copy(layout.next_certificate(), layout.machine_certificate())?;
    for left in [layout.next_certificate(), layout.next_key()] {
        std::fs::remove_file(&left).map_err(|source| CredentialError::Io { action: "remove", path: left, source })?;
    }
    Ok(())
}

fn certificate_at(certificate: &Path, key_file: &Path) -> Result<Vec<u8>, CredentialError> {
    if let Some(pem) = read(certificate)? {
        let damaged = |reason: String| CredentialError::Damaged { path: certificate.to_owned(), reason };
        let pem = String::from_utf8(pem).map_err(|error| damaged(error.to_string()))?;
        return envelope::certificate_from_pem(&pem).map_err(|error| damaged(error.to_string()));
    }
    let key = MachineKey::generate(clock::now())?;
    write(key_file, key.key_pem.as_bytes())?;
    write(certificate, envelope::certificate_to_pem(&key.certificate_der)?.as_bytes())?;
    Ok(key.certificate_der)
}

/// Puts certificates and keys where handlers look for them: `<THUMBPRINT>.crt` and `.prv` in the library.
///
/// # Errors
/// The disk refuses, or there is no key.
pub fn offer_to_handlers(layout: &Layout) -> Result<(), CredentialError> {
    let io = |source| CredentialError::Io { action: "make", path: layout.library.clone(), source };
    std::fs::create_dir_all(&layout.library).map_err(io)?;
    for pair in key_pairs(layout)? {
        let thumbprint = envelope::thumbprint(&pair.certificate_der);
        let certificate = envelope::certificate_to_pem(&pair.certificate_der)?;
        for (content, ending) in [(pair.key_pem.as_bytes(), "prv"), (certificate.as_bytes(), "crt")] {
            let to = layout.library.join(format!("{thumbprint}.{ending}"));
            if read(&to)?.as_deref() != Some(content) {
                write(&to, content)?;
            }
        }
    }
    Ok(())
}

/// A certificate of this machine and its key.
#[derive(Clone)]
pub struct KeyPair {
    /// The certificate in DER.
    pub certificate_der: Vec<u8>,
    /// The private key in PEM.
    pub key_pem: String,
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair")
            .field("thumbprint", &envelope::thumbprint(&self.certificate_der))
            .finish_non_exhaustive()
    }
}

/// The machine's key pairs: the one that a rotation brings, the one before the last rotation, the one in use.
///
/// # Errors
/// Not enrolled, or a file cannot be read or understood.
pub fn key_pairs(layout: &Layout) -> Result<Vec<KeyPair>, CredentialError> {
    let current = pair(&layout.machine_certificate(), &layout.machine_key())?.ok_or(CredentialError::NotEnrolled)?;
    let next = pair(&layout.next_certificate(), &layout.next_key())?;
    let former = pair(&layout.former_certificate(), &layout.former_key())?;
    // while a rotation ends, a certificate may lie in two places, and the current one beside the wrong key
    let mut pairs: Vec<KeyPair> = Vec::new();
    for pair in [next, former, Some(current)].into_iter().flatten() {
        if !pairs.iter().any(|known| known.certificate_der == pair.certificate_der) {
            pairs.push(pair);
        }
    }
    Ok(pairs)
}

fn pair(certificate: &Path, key: &Path) -> Result<Option<KeyPair>, CredentialError> {
    let text = |path: &Path| {
        let damaged = |reason: String| CredentialError::Damaged { path: path.to_owned(), reason };
        read(path)?.map(|bytes| String::from_utf8(bytes).map_err(|error| damaged(error.to_string()))).transpose()
    };
    let (Some(pem), Some(key_pem)) = (text(certificate)?, text(key)?) else { return Ok(None) };
    let damaged =
        |error: EnvelopeError| CredentialError::Damaged { path: certificate.to_owned(), reason: error.to_string() };
    Ok(Some(KeyPair { certificate_der: envelope::certificate_from_pem(&pem).map_err(damaged)?, key_pem }))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, CredentialError> {
    files::read(path, 1024 * 1024).map_err(|source| CredentialError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })
}

fn write(path: &Path, content: &[u8]) -> Result<(), CredentialError> {
    files::replace(path, content).map_err(|source| CredentialError::Io {
        action: "write",
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::{key_pairs, machine_certificate, next_certificate, take_next};
    use crate::layout::Layout;

    #[test]
    fn a_rotation_keeps_the_former_pair_whenever_it_is_killed() {
        let root = tempfile::tempdir().unwrap();
        let layout = Layout::below(root.path());
        crate::files::private_folder(&layout.state).unwrap();
        let old = machine_certificate(&layout).unwrap();
        let old_key = std::fs::read_to_string(layout.machine_key()).unwrap();
        let new = next_certificate(&layout).unwrap();
        assert_ne!(old, new);
        let new_key = std::fs::read_to_string(layout.next_key()).unwrap();
        let right = |pairs: Vec<super::KeyPair>| {
            let key =
                |certificate: &Vec<u8>| pairs.iter().find(|p| p.certificate_der == *certificate).map(|p| &p.key_pem);
            assert_eq!((key(&old), key(&new)), (Some(&old_key), Some(&new_key)));
        };
        right(key_pairs(&layout).unwrap());
        // killed after the key was moved and before the certificate was
        std::fs::copy(layout.machine_key(), layout.former_key()).unwrap();
        std::fs::copy(layout.machine_certificate(), layout.former_certificate()).unwrap();
        std::fs::copy(layout.next_key(), layout.machine_key()).unwrap();
        right(key_pairs(&layout).unwrap());
        take_next(&layout).unwrap();
        right(key_pairs(&layout).unwrap());
        assert_eq!(machine_certificate(&layout).unwrap(), new);
        assert!(!layout.next_key().exists());
    }
}
