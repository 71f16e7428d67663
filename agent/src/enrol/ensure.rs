//! Who this machine is when the agent starts: as it enrolled, or new because it is the copy of an image.
//!
//! ```text
//! credential? ──yes──► same machine? ──yes──► it
//!      │no                  │no
//!      ▼                    ▼
//!   image? ──no──► not enrolled     image? ──no──► a copy: refused
//!      │yes                 │yes
//!      └──► identity of its own ◄───┘ ──► enrol ──► credential on disk ──► the image's token goes
//! ```

use std::time::Duration;

use super::image::{self, GeneraliseError, Image};
use super::{EnrolError, Enrolment, enrol};
use crate::credential::{Credential, CredentialError};
use crate::layout::Layout;
use crate::machine::{self, Machine};
use crate::transport::Backoff;
use crate::{files, install};

/// Nobody may speak for this machine.
#[derive(Debug, thiserror::Error)]
pub enum EnsureError {
    /// It is not enrolled, or its files are damaged.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// Another machine has this identity.
    #[error(
        "this machine is a copy of {name}, which enrolled at {server}; a copy must not speak for it. Enrol this machine \
         as one of its own with `annex-agent enrol --again URL TOKEN`"
    )]
    Copy {
        /// The other machine's name.
        name: String,
        /// Where it enrolled.
        server: String,
    },
    /// The copy of an image could not enrol.
    #[error("this machine is the copy of an image and could not enrol: {0}")]
    Enrol(#[from] EnrolError),
    /// The image's file cannot be used, or the state cannot be cleared.
    #[error(transparent)]
    Image(#[from] GeneraliseError),
}

impl EnsureError {
    /// Trying again does not help: a person has to do something.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Copy { .. } => true,
            Self::Enrol(error) => !may_pass(error),
            Self::Credential(_) | Self::Image(_) => false,
        }
    }
}

/// This machine's credential. The copy of an image enrols first, and waits for its server as long as that takes.
///
/// # Errors
/// Not enrolled, the copy of a machine that is, or the image's token is refused.
pub async fn ensure(layout: &Layout) -> Result<Credential, EnsureError> {
    let image = Image::load(layout)?;
    let known = match (Credential::load(layout), &image) {
        (Ok(credential), _) => Some(credential),
        (Err(CredentialError::NotEnrolled), Some(_)) => None,
        (Err(error), _) => return Err(error.into()),
    };
    let Some(known) = known else {
        return as_copy(layout, &image.ok_or(CredentialError::NotEnrolled)?).await;
    };
    let found = Machine::look(layout).fingerprint(layout);
    match (&known.fingerprint, image) {
        (Some(kept), _) if *kept == found => {}
        (None, _) => {
            let filled = Credential { fingerprint: Some(found), ..known };
            filled.save(layout)?;
            Image::remove(layout)?;
            return Ok(filled);
        }
        (Some(_), Some(image)) => return as_copy(layout, &image).await,
        (Some(_), None) => return Err(EnsureError::Copy { name: known.vm_name, server: known.server }),
    }
    Image::remove(layout)?;
    Ok(known)
}

/// Enrols the copy of an image. The image's token stays until the credential is on the disk.
async fn as_copy(layout: &Layout, image: &Image) -> Result<Credential, EnsureError> {
    // a key and an identity that this start or an interrupted one made stay: with them the server knows a second try
    let begun = layout.state.join("enrolling");
    let interrupted = std::fs::read_to_string(&begun).ok();
    let is_other = interrupted.is_some_and(|begun| begun != Machine::look(layout).fingerprint(layout));
    if is_other || layout.credential().exists() {
        install::forget_but(layout, &["image.json", "ca.pem"]).map_err(GeneraliseError::from)?;
    }
    let kept = layout.state.join("machine-id").exists();
    if !kept && machine::system_id(layout).is_none_or(|id| image.machine_id.as_deref() == Some(id.as_str())) {
        // the system has none of its own, or still the one of the image
        machine::own_id(layout);
    }
    let fingerprint = Machine::look(layout).fingerprint(layout);
    files::replace(&begun, fingerprint.as_bytes()).map_err(image::io("write", &begun))?;
    let ca = layout.authority();
    let enrolment = Enrolment {
        url: &image.server,
        token: &image.token,
        name: None,
        ca: ca.exists().then_some(ca.as_path()),
        again: true,
        agent: image.agent,
    };
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
    loop {
        match enrol(layout, &enrolment).await {
            Ok(credential) => {
                tracing::info!(
                    vm = credential.vm_name,
                    server = credential.server,
                    "this copy of an image has enrolled"
                );
                Image::remove(layout)?;
                // nothing reads it any more
                let _ = std::fs::remove_file(&begun);
                return Ok(credential);
            }
            Err(error) if may_pass(&error) => {
                tracing::warn!(%error, "the server cannot be asked; trying again");
                tokio::time::sleep(backoff.pause()).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether the same request may work later.
fn may_pass(error: &EnrolError) -> bool {
    match error {
        EnrolError::Transport(error) => error.status().is_none_or(|status| status == 429 || status >= 500),
        EnrolError::Answer(_) | EnrolError::Io { .. } => true,
        EnrolError::Already { .. } | EnrolError::Address(_) | EnrolError::Credential(_) => false,
    }
}
