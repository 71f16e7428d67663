//! What may be told about a failure: the only error shape that leaves the server.

use serde::{Deserialize, Serialize};

/// A failure in the words of the person who caused or meets it. Everything in it may be read by anyone who may make
/// the request; private causes stay in the server's log under `reference`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Fault {
    /// What kind of failure: transports map this to their own codes.
    pub kind: FaultKind,
    /// A stable word for programs, in ARM's spelling (`OperationNotAllowed`).
    pub code: String,
    /// What happened, why, and what to do: one or two sentences.
    pub message: String,
    /// The field that is wrong, as a dotted path (`settings.commandToExecute`).
    pub target: Option<String>,
    /// Single findings, each usually with its own target.
    pub details: Vec<Fault>,
    /// Number to give to the server's owner; finds the log line.
    pub reference: Option<String>,
}

/// The kinds of failure that a caller can act on differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FaultKind {
    /// The request is wrong; changing it helps.
    Invalid,
    /// Nobody is signed in.
    Unauthenticated,
    /// Signed in, but not allowed.
    Forbidden,
    /// No such thing (or none that the caller may know of).
    NotFound,
    /// Something else is in the way; the same request may work later.
    Conflict,
    /// The thing was changed since the caller read it (ETag).
    Stale,
    /// Too many tries; wait.
    TooMany,
    /// The server cannot do it now (disk full, database away); the same request may work later.
    Unavailable,
    /// A defect of Annex.
    Internal,
}

impl Fault {
    /// A fault of `kind` with a code and a message.
    pub fn new(kind: FaultKind, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind, code: code.into(), message: message.into(), target: None, details: Vec::new(), reference: None }
    }

    /// A field has a wrong value: `InvalidParameter`.
    pub fn invalid(target: impl Into<String>, message: impl Into<String>) -> Self {
        Self { target: Some(target.into()), ..Self::new(FaultKind::Invalid, "InvalidParameter", message) }
    }

    /// No such thing: `ResourceNotFound`.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(FaultKind::NotFound, "ResourceNotFound", message)
    }

    /// Not possible in the present state: `OperationNotAllowed`.
    pub fn not_allowed(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Conflict, "OperationNotAllowed", message)
    }

    /// The caller's role does not suffice: `AuthorizationFailed`.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Forbidden, "AuthorizationFailed", message)
    }

    /// Several findings as one fault; `None` when there are none. A single finding stands alone.
    pub fn from_findings(message: impl Into<String>, mut findings: Vec<Fault>) -> Option<Self> {
        match findings.len() {
            0 => None,
            1 => findings.pop(),
            _ => Some(Self { details: findings, ..Self::new(FaultKind::Invalid, "InvalidParameter", message) }),
        }
    }

    /// The same fault with its field named.
    #[must_use]
    pub fn at(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// Messages that belong to `target`, from this fault and its details: what a form shows under one field.
    pub fn messages_for(&self, target: &str) -> Vec<String> {
        let own = (self.target.as_deref() == Some(target)).then(|| self.message.clone());
        own.into_iter().chain(self.details.iter().flat_map(|d| d.messages_for(target))).collect()
    }
}
