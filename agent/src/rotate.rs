//! A new key and certificate for this machine.
//!
//! ```text
//! next.key, next.crt on disk ──► where handlers look ──► server has the certificate ──► current becomes former,
//!                                                                                       next becomes current
//! ```
//! From the second step on whatever is enveloped for the new certificate can be opened, and what is under way for the old
//! one, too. Killed anywhere, the next try goes on with the same pair: the server takes a certificate it has as news of
//! nothing.

use std::path::Path;
use std::time::Duration;

use agent_protocol::JsonDocument;
use agent_protocol::rotate::{NewCertificate, PATH};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;

use crate::credential::{self, Credential, CredentialError};
use crate::layout::Layout;
use crate::lock::{Lock, LockError};
use crate::transport::{BadAddress, Connection, Request, TransportError};

/// A certificate is replaced when it is this old.
const LIFE: Duration = Duration::from_secs(365 * 24 * 3600);
/// How often its age is looked at.
const LOOK: Duration = Duration::from_secs(24 * 3600);
/// Another rotation under way ends within this time, or does not.
const PATIENCE: Duration = Duration::from_secs(60);

/// The rotation did not work; it can be repeated.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// Another one is under way.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Who is this machine, or its keys.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The configured address is none.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// The server was not reached or refused.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// Gives this machine a new key; says the thumbprint of its certificate.
///
/// # Errors
/// Not enrolled, the disk refuses, or the server is not reached.
pub async fn rotate(layout: &Layout, server: Option<&str>) -> Result<String, RotateError> {
    let _lock = Lock::take(&layout.rotation_lock(), PATIENCE)?;
    let known = Credential::load(layout)?;
    let server = known.server::<RotateError>(layout, server)?;
    let certificate = credential::next_certificate(layout)?;
    let message = NewCertificate { certificate: STANDARD.encode(&certificate) };
    Connection::new(server).send(&Request::json(Method::POST, PATH, message.render())).await?;
    credential::take_next(layout)?;
    Ok(agent_protocol::envelope::thumbprint(&certificate))
}

/// Rotates whenever the certificate is a year old, until the future is dropped.
pub async fn keep_fresh(layout: Layout, server: Option<String>) {
    loop {
        if is_old(&layout.machine_certificate()) {
            match rotate(&layout, server.as_deref()).await {
                Ok(thumbprint) => tracing::info!(thumbprint, "this machine has a new certificate"),
                Err(error) => tracing::warn!(%error, "the certificate is old and was not replaced; trying again"),
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn is_old(certificate: &Path) -> bool {
    let made = certificate.metadata().and_then(|file| file.modified());
    made.ok().and_then(|made| made.elapsed().ok()).is_some_and(|age| age > LIFE)
}
