//! `POST /annex/agent/v1/enrol`: a single-use token becomes a machine's credential.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{JsonDocument, Timestamp};

/// What a machine says when it enrols.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnrolRequest {
    /// The single-use token.
    pub token: String,
    /// Stable identity of the installed system (`/etc/machine-id`).
    pub machine_id: String,
    /// Host name, or the name its owner chose.
    pub hostname: String,
    /// The operating system.
    pub os: OperatingSystem,
    /// `x86_64`, `aarch64`, …
    pub architecture: String,
    /// Which agent will speak for the machine.
    pub agent_kind: AgentKind,
    /// Its version.
    pub agent_version: String,
    /// Base64 of the DER of the machine's self-signed RSA-2048 certificate, for which protected settings are enveloped.
    pub certificate: String,
}

/// From `/etc/os-release`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperatingSystem {
    /// `ID`.
    pub id: String,
    /// `VERSION_ID`; empty when the distribution has none.
    pub version: String,
    /// `PRETTY_NAME`.
    pub pretty_name: String,
}

/// Which agent speaks for a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AgentKind {
    /// Annex's own.
    #[serde(rename = "annex-agent")]
    AnnexAgent,
    /// The distribution's standard agent, behind a relay.
    #[serde(rename = "waagent")]
    Waagent,
}

impl AgentKind {
    /// Its name on the wire, in commands and for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AnnexAgent => "annex-agent",
            Self::Waagent => "waagent",
        }
    }

    /// Reads [`Self::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::AnnexAgent, Self::Waagent].into_iter().find(|kind| kind.word() == word)
    }
}

/// What a machine gets for its token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnrolResponse {
    /// The machine's id.
    pub vm_id: String,
    /// The machine's name.
    pub vm_name: String,
    /// Goes into `Authorization: Bearer …` of every later request.
    pub credential: String,
    /// Base64 of the raw Ed25519 public key that packages are signed with.
    pub package_key: String,
    /// The server's clock.
    pub server_time: Timestamp,
}

/// How the native requests answer when they refuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// The refusal.
    pub error: ErrorBody,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// One word for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

impl ErrorResponse {
    /// A refusal with this code and message.
    #[must_use]
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { error: ErrorBody { code: code.into(), message: message.into() } }
    }
}

impl fmt::Debug for EnrolRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { token: _, machine_id, hostname, os, architecture, agent_kind, agent_version, certificate: _ } = self;
        f.debug_struct("EnrolRequest")
            .field("machine_id", machine_id)
            .field("hostname", hostname)
            .field("os", os)
            .field("architecture", architecture)
            .field("agent_kind", agent_kind)
            .field("agent_version", agent_version)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EnrolResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { vm_id, vm_name, credential: _, package_key, server_time } = self;
        f.debug_struct("EnrolResponse")
            .field("vm_id", vm_id)
            .field("vm_name", vm_name)
            .field("package_key", package_key)
            .field("server_time", server_time)
            .finish_non_exhaustive()
    }
}

impl JsonDocument for EnrolRequest {
    const WHAT: &'static str = "enrolment request";
    const MAX_BYTES: usize = 64 * 1024;
}

impl JsonDocument for EnrolResponse {
    const WHAT: &'static str = "enrolment answer";
    const MAX_BYTES: usize = 64 * 1024;
}

impl JsonDocument for ErrorResponse {
    const WHAT: &'static str = "error answer";
    const MAX_BYTES: usize = 64 * 1024;
}
