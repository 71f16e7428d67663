//! What happened to a machine's agent: the lines of its history.

use serde::{Deserialize, Serialize};

use crate::{agent_days::Standing, guest_agent::AgentHealth, timestamp::Timestamp};

/// How a line is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tone {
    /// For the record.
    Plain,
    /// Something is well again.
    Good,
    /// Somebody may have to look.
    Warning,
    /// Somebody has to look.
    Bad,
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident $code:literal $label:literal $tone:ident)+) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum AgentEventKind { $($(#[doc = $doc])+ $kind,)+ }

        impl AgentEventKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The word in the database.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$kind => $code),+ }
            }

            /// The words on a page.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$kind => $label),+ }
            }

            /// How it is to be taken.
            pub const fn tone(self) -> Tone {
                match self { $(Self::$kind => Tone::$tone),+ }
            }
        }
    };
}

kinds! {
    /// A token became the machine's credential.
    Enrolled "enrolled" "Enrolled" Plain
    /// The history of a machine that was there before histories were kept.
    HistoryBegins "history-begins" "History begins" Plain
    /// The first contact after enrolment.
    FirstSeen "first-seen" "First seen" Good
    /// Nothing is heard any more.
    StoppedAnswering "stopped-answering" "Stopped answering" Warning
    /// Heard again.
    AnswersAgain "answers-again" "Answers again" Good
    /// The relay says that waagent's process is gone.
    ProcessGone "process-gone" "waagent's process is gone" Warning
    /// It is back.
    ProcessBack "process-back" "waagent's process is back" Good
    /// No goal state is fetched.
    StoppedFetching "stopped-fetching" "Fetches no goal state" Warning
    /// It is again.
    FetchesAgain "fetches-again" "Fetches goal states again" Good
    /// Nothing is reported.
    StoppedReporting "stopped-reporting" "Reports nothing" Warning
    /// It is again.
    ReportsAgain "reports-again" "Reports again" Good
    /// The machine was switched off.
    SwitchedOff "switched-off" "Switched off" Plain
    /// And on.
    SwitchedOn "switched-on" "Switched on" Plain
    /// The guest agent is another process of the same boot.
    AgentRestarted "agent-restarted" "Agent restarted" Plain
    /// The relay is another process.
    RelayRestarted "relay-restarted" "Relay restarted" Plain
    /// The machine booted.
    Rebooted "rebooted" "Machine rebooted" Plain
    /// Another version of the guest agent (from → to).
    AgentVersion "agent-version" "Agent version changed" Plain
    /// Another version of the relay (from → to).
    RelayVersion "relay-version" "Relay version changed" Plain
    /// The machine's clock differs from the server's.
    ClockWrong "clock-wrong" "Clock is wrong" Warning
    /// Not any more.
    ClockRight "clock-right" "Clock is right again" Good
    /// A request with a credential that was replaced.
    CredentialRefused "credential-refused" "Credential refused" Bad
    /// A request of a copy of the machine.
    CopyRefused "copy-refused" "A copy was refused" Bad
    /// A collected log arrived.
    LogReceived "log-received" "Collected log received" Plain
    /// An extension's handler did something.
    ExtensionDid "extension-did" "Extension operation" Plain
    /// It failed.
    ExtensionFailed "extension-failed" "Extension operation failed" Bad
    /// The agent warns.
    AgentWarning "agent-warning" "Agent warning" Warning
    /// The agent failed at something.
    AgentError "agent-error" "Agent error" Bad
    /// A probe of the agent finds something unhealthy.
    Unhealthy "unhealthy" "Probe unhealthy" Warning
    /// And healthy again.
    Healthy "healthy" "Probe healthy again" Good
    /// The machine sent more than is kept.
    LeftOut "left-out" "Events left out" Plain
}

impl AgentEventKind {
    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The line for a health that differs from what was told last (`told`: [`AgentHealth::code`], empty when nothing was);
    /// `None`: not worth one.
    pub fn of_change(told: &str, now: AgentHealth) -> Option<Self> {
        let silent = ["silent", "credential-refused", "refused-as-copy"];
        Some(match (told, now) {
            (told, now) if told == now.code() => return None,
            (_, AgentHealth::NotInstalled) => return None,
            ("", _) => Self::HistoryBegins,
            (_, AgentHealth::Off) => Self::SwitchedOff,
            ("off", _) => Self::SwitchedOn,
            (_, AgentHealth::NeverSeen) => return None,
            ("never-seen", AgentHealth::Ready) => Self::FirstSeen,
            ("process-gone", AgentHealth::Ready) => Self::ProcessBack,
            ("not-fetching", AgentHealth::Ready) => Self::FetchesAgain,
            ("not-reporting", AgentHealth::Ready) => Self::ReportsAgain,
            (_, AgentHealth::Ready) => Self::AnswersAgain,
            // the reason became known: it has a line of its own
            (told, AgentHealth::NotResponding { why, .. }) if why.is_silence() => {
                if silent.contains(&told) {
                    return None;
                }
                Self::StoppedAnswering
            }
            (_, AgentHealth::NotResponding { why, .. }) => match why {
                crate::agent_trouble::AgentTrouble::ProcessGone => Self::ProcessGone,
                crate::agent_trouble::AgentTrouble::NotFetching => Self::StoppedFetching,
                _ => Self::StoppedReporting,
            },
        })
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: AgentEventKind,
    /// The extension or probe it is about, if about one.
    pub subject: Option<String>,
    /// More; may be empty. Never a secret.
    pub detail: String,
    /// How the machine stands from here on, when that changed.
    pub standing: Option<Standing>,
}

/// Longest detail that is kept, in characters.
pub const DETAIL_LONGEST: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent_trouble::AgentTrouble;

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in AgentEventKind::ALL {
            assert_eq!(AgentEventKind::parse(kind.code()), Some(*kind));
        }
    }

    #[test]
    fn what_follows_what() {
        let not = |why| AgentHealth::NotResponding { why, since: Timestamp::default() };
        let of = AgentEventKind::of_change;
        assert_eq!(of("ready", AgentHealth::Ready), None);
        assert_eq!(of("", AgentHealth::Ready), Some(AgentEventKind::HistoryBegins));
        assert_eq!(of("never-seen", AgentHealth::Ready), Some(AgentEventKind::FirstSeen));
        assert_eq!(of("ready", not(AgentTrouble::Silent)), Some(AgentEventKind::StoppedAnswering));
        assert_eq!(of("silent", not(AgentTrouble::CredentialRefused)), None, "still silent");
        assert_eq!(of("credential-refused", AgentHealth::Ready), Some(AgentEventKind::AnswersAgain));
        assert_eq!(of("silent", AgentHealth::Off), Some(AgentEventKind::SwitchedOff));
        assert_eq!(of("off", not(AgentTrouble::Silent)), Some(AgentEventKind::SwitchedOn));
        for (why, gone, back) in [
            (AgentTrouble::ProcessGone, AgentEventKind::ProcessGone, AgentEventKind::ProcessBack),
            (AgentTrouble::NotFetching, AgentEventKind::StoppedFetching, AgentEventKind::FetchesAgain),
            (AgentTrouble::NotReporting, AgentEventKind::StoppedReporting, AgentEventKind::ReportsAgain),
        ] {
            assert_eq!(of("ready", not(why)), Some(gone));
            assert_eq!(of(why.code(), AgentHealth::Ready), Some(back));
        }
    }
}
