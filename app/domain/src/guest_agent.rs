//! The process in the machine that talks to us, and what its silence means.
//!
//! ```text
//!  no agent ──enrol──► NeverSeen ──first contact──► Ready ⇄ NotResponding (no contact for SILENT_AFTER_MS)
//! ```

use serde::{Deserialize, Serialize};

use crate::{generation::Incarnation, timestamp::Timestamp, vm::PowerState};

/// Without contact for this long, an agent that holds its request open counts as not responding.
pub const SILENT_AFTER_MS: i64 = 12_000;
/// The same for agents that poll (waagent: a poll every 6 s, a monitor request every 60 s while a handler runs).
pub const SILENT_AFTER_POLLING_MS: i64 = 130_000;

/// Which program it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AgentKind {
    /// `annex-agent run`: holds its request open, streams steps and output.
    Native,
    /// The Azure Linux Agent, behind `annex-agent relay`: polls, reports between polls.
    Waagent,
}

impl AgentKind {
    /// The word on the wire and in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Native => "annex-agent",
            Self::Waagent => "waagent",
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Native, Self::Waagent].into_iter().find(|k| k.code() == code)
    }
}

/// The agent of one machine, as far as it has shown itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestAgent {
    /// Which program it is.
    pub kind: AgentKind,
    /// Its version, from its newest request.
    pub version: String,
    /// When it enrolled.
    pub enrolled_at: Timestamp,
    /// When the server last heard of it (an open held request counts as hearing).
    pub last_contact_at: Option<Timestamp>,
    /// When it last uploaded a status document.
    pub last_status_at: Option<Timestamp>,
    /// The newest goal state that was handed to it.
    pub fetched_incarnation: Option<Incarnation>,
    /// The goal state that its newest status is about.
    pub reported_incarnation: Option<Incarnation>,
}

/// Whether the agent can be counted on now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AgentHealth {
    /// Nothing has enrolled.
    NotInstalled,
    /// Enrolled, never heard of since.
    NeverSeen,
    /// In contact.
    Ready,
    /// Silent since the given time although the machine should be on.
    NotResponding {
        /// Last contact.
        since: Timestamp,
    },
    /// The machine is off, so silence is right.
    Off,
}

/// [`AgentHealth`] without its times: for filters and counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HealthWord {
    /// Nothing has enrolled.
    NotInstalled,
    /// Enrolled, never heard of since.
    NeverSeen,
    /// In contact.
    Ready,
    /// Silent.
    NotResponding,
    /// Off.
    Off,
}

impl HealthWord {
    /// All words.
    pub const ALL: [Self; 5] = [Self::Ready, Self::NotResponding, Self::Off, Self::NeverSeen, Self::NotInstalled];

    /// The word in an address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotInstalled => "not-installed",
            Self::NeverSeen => "never-seen",
            Self::Ready => "ready",
            Self::NotResponding => "not-responding",
            Self::Off => "off",
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.code() == code)
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotInstalled => "No agent",
            Self::NeverSeen => "Never seen",
            Self::Ready => "Ready",
            Self::NotResponding => "Not responding",
            Self::Off => "Off",
        }
    }
}

impl AgentHealth {
    /// Judges by the last contact, what kind of agent it is, and whether the machine is on at all.
    pub fn of(agent: Option<&GuestAgent>, power: PowerState, now: Timestamp) -> Self {
        Self::by_contact(agent.map(|agent| (agent.kind, agent.last_contact_at)), power, now)
    }

    /// The same from nothing but the kind of agent and its last contact, where something newer than the record is known.
    pub fn by_contact(agent: Option<(AgentKind, Option<Timestamp>)>, power: PowerState, now: Timestamp) -> Self {
        let Some((kind, last_contact_at)) = agent else { return Self::NotInstalled };
        if matches!(power, PowerState::Stopped | PowerState::Stopping) {
            return Self::Off;
        }
        let Some(last) = last_contact_at else { return Self::NeverSeen };
        let limit = match kind {
            AgentKind::Native => SILENT_AFTER_MS,
            AgentKind::Waagent => SILENT_AFTER_POLLING_MS,
        };
        if now.millis_since(last) > limit { Self::NotResponding { since: last } } else { Self::Ready }
    }

    /// Without times.
    pub const fn word(self) -> HealthWord {
        match self {
            Self::NotInstalled => HealthWord::NotInstalled,
            Self::NeverSeen => HealthWord::NeverSeen,
            Self::Ready => HealthWord::Ready,
            Self::NotResponding { .. } => HealthWord::NotResponding,
            Self::Off => HealthWord::Off,
        }
    }
}

/// A token that enrols one machine, as it is shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentOffer {
    /// The token; the server keeps only its hash.
    pub token: String,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// The address that machines reach this server at.
    pub server_url: String,
    /// Certificate (PEM) of the private authority that the server's own comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
}

/// Longest life of an enrolment token, in minutes.
pub const ENROLMENT_LONGEST_MINUTES: u32 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_counts_only_while_the_machine_is_on() {
        let agent = |at| GuestAgent {
            kind: AgentKind::Native,
            version: "1".into(),
            enrolled_at: Timestamp::default(),
            last_contact_at: at,
            last_status_at: None,
            fetched_incarnation: None,
            reported_incarnation: None,
        };
        let (then, later) = (Timestamp::from_millis(0), Timestamp::from_millis(SILENT_AFTER_MS + 1));
        let of = |a: Option<&GuestAgent>, p, now| AgentHealth::of(a, p, now).word();
        assert_eq!(of(Some(&agent(Some(then))), PowerState::Running, later), HealthWord::NotResponding);
        assert_eq!(of(Some(&agent(Some(then))), PowerState::Stopped, later), HealthWord::Off);
        assert_eq!(of(Some(&agent(Some(later))), PowerState::Unknown, later), HealthWord::Ready);
        assert_eq!(of(Some(&agent(None)), PowerState::Running, later), HealthWord::NeverSeen);
        assert_eq!(of(None, PowerState::Running, later), HealthWord::NotInstalled);
    }
}
