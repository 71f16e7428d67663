//! The process in the machine that talks to us, and what its silence means.
//!
//! ```text
//!  no agent ──enrol──► NeverSeen ──first contact──► Ready ⇄ NotResponding (why: AgentTrouble)
//! ```

use serde::{Deserialize, Serialize};

use crate::{agent_trouble::AgentTrouble, generation::Incarnation, ids::VmId, timestamp::Timestamp, vm::PowerState};

/// What an enrolment says when it cannot tell the version of waagent; its first request does.
pub const UNKNOWN_VERSION: &str = "unknown";

/// Without contact for this long, an agent (or the relay that speaks for it) counts as silent.
pub const SILENT_AFTER_MS: i64 = 12_000;
/// A waagent behind a living relay that asked for no goal state for this long is in trouble: its monitor asks once a
/// minute, also while a handler runs.
pub const SILENT_AFTER_POLLING_MS: i64 = 130_000;
/// The same for a waagent that asks but does not report although no change runs on its machine.
pub const UNREPORTED_AFTER_MS: i64 = 600_000;

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
    /// Version of the relay that speaks for it; `None`: it speaks for itself.
    pub relay_version: Option<String>,
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
    /// What it says about itself with its requests, and what was noticed about them.
    pub said: AgentSaid,
    /// A change was picked up by its machine and has not ended: a handler may run, and waagent reports nothing then.
    pub at_work: bool,
}

impl GuestAgent {
    /// When it last fetched a goal state. For native agents every contact is a question for it.
    pub fn fetched_at(&self) -> Option<Timestamp> {
        match self.kind {
            AgentKind::Native => self.last_contact_at.max(self.said.fetched_at),
            AgentKind::Waagent => self.said.fetched_at,
        }
    }

    /// When it last reported: by its own word, or when a report arrived here (the relay sends only those that differ).
    pub fn reported_at(&self) -> Option<Timestamp> {
        self.said.reported_at.max(self.last_status_at)
    }
}

/// What an agent says about itself, and what was noticed about its requests. All of it may be unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentSaid {
    /// Since when the process that holds the credential does so.
    pub holder_since: Option<Timestamp>,
    /// When the guest agent last fetched a goal state.
    pub fetched_at: Option<Timestamp>,
    /// When it last reported.
    pub reported_at: Option<Timestamp>,
    /// Milliseconds from one question to the next, when nothing happens.
    pub next_poll_ms: Option<i64>,
    /// Whether the guest agent's process runs, and since when that is so.
    pub process: Option<(bool, Timestamp)>,
    /// By how many milliseconds its clock is ahead of the server's; negative when it is behind.
    pub clock_skew_ms: Option<i64>,
    /// The newest request in the machine's name that was refused.
    pub refused: Option<(Refusal, Timestamp)>,
}

/// Why a request in a machine's name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Refusal {
    /// It carried a credential that a later enrolment replaced.
    Credential,
    /// It came from a copy of the machine.
    Copy,
}

impl Refusal {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Copy => "copy",
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Credential, Self::Copy].into_iter().find(|r| r.code() == code)
    }
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
    /// It cannot be counted on although the machine should be on.
    NotResponding {
        /// What is wrong.
        why: AgentTrouble,
        /// Since when: the last contact, the last goal state that was fetched, the last report.
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
    /// Judges by what was heard of the agent, and whether the machine is on at all.
    pub fn of(agent: Option<&GuestAgent>, power: PowerState, now: Timestamp) -> Self {
        let Some(agent) = agent else { return Self::NotInstalled };
        if matches!(power, PowerState::Stopped | PowerState::Stopping) {
            return Self::Off;
        }
        let Some(last) = agent.last_contact_at else { return Self::NeverSeen };
        match AgentTrouble::of(agent, last, now) {
            Some((why, since)) => Self::NotResponding { why, since },
            None => Self::Ready,
        }
    }

    /// The word in a machine's history: finer than [`HealthWord`].
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotResponding { why, .. } => why.code(),
            other => other.word().code(),
        }
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
    /// The machine that it lets in: one that is registered, or the one that there will be. `None`: a token for many.
    pub machine: Option<VmId>,
    /// When it was made.
    pub made_at: Timestamp,
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
            relay_version: None,
            enrolled_at: Timestamp::default(),
            last_contact_at: at,
            last_status_at: None,
            fetched_incarnation: None,
            reported_incarnation: None,
            said: AgentSaid::default(),
            at_work: false,
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
