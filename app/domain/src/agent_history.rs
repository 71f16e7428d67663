//! What the page about a machine's agent shows beside the machine itself.

use serde::{Deserialize, Serialize};

use crate::{agent_days::Day, agent_event::AgentEvent, page::Page, timestamp::Timestamp};

/// The history of a machine's agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentHistory {
    /// SHA-1 of the certificate that protected settings are enveloped for, in capitals as waagent names its files.
    pub certificate_thumbprint: Option<String>,
    /// The last days, oldest first.
    pub days: Vec<Day>,
    /// What happened, newest first.
    pub events: Page<AgentEvent>,
    /// Collected logs, newest first.
    pub logs: Vec<AgentLog>,
}

/// A log that an agent collected and sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentLog {
    /// Its number on its machine.
    pub number: i64,
    /// When it arrived.
    pub at: Timestamp,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Logs that are kept for each machine.
pub const LOGS_KEPT: u32 = 3;
/// Most bytes of one log.
pub const LOG_LARGEST: usize = 32 * 1024 * 1024;
