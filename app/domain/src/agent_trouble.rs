//! Why an agent cannot be counted on, and what to do about it, in words.
//!
//! ```text
//!  nothing heard for 12 s ─────────────► Silent | CredentialRefused | RefusedAsCopy
//!  relay heard, no waagent process ────► ProcessGone
//!  relay heard, nothing fetched ───────► NotFetching
//!  relay heard, fetched, no report ────► NotReporting
//! ```
//! The order matters: what is further from the machine explains what is nearer. The filters of the store repeat this rule.

use serde::{Deserialize, Serialize};

use crate::{
    guest_agent::{
        AgentHealth, AgentKind, GuestAgent, Refusal, SILENT_AFTER_MS, SILENT_AFTER_POLLING_MS, UNREPORTED_AFTER_MS,
    },
    timestamp::Timestamp,
    vm::{MachineKind, Vm},
};

/// What is wrong with an agent whose machine should be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AgentTrouble {
    /// Nothing is heard of the agent, or of the relay that speaks for it.
    Silent,
    /// Silent, and something asks with a credential that was replaced.
    CredentialRefused,
    /// Silent, and what asks with the credential is a copy of the machine.
    RefusedAsCopy,
    /// The relay is there, waagent's process is not.
    ProcessGone,
    /// Relay and process are there, but no goal state is fetched.
    NotFetching,
    /// Goal states are fetched, but nothing is reported.
    NotReporting,
}

impl AgentTrouble {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Silent,
        Self::CredentialRefused,
        Self::RefusedAsCopy,
        Self::ProcessGone,
        Self::NotFetching,
        Self::NotReporting,
    ];

    /// What is wrong with an agent that was last heard of at `last`, and since when.
    pub(crate) fn of(agent: &GuestAgent, last: Timestamp, now: Timestamp) -> Option<(Self, Timestamp)> {
        let said = &agent.said;
        if now.millis_since(last) > SILENT_AFTER_MS {
            let why = match said.refused {
                Some((Refusal::Credential, at)) if at >= last => Self::CredentialRefused,
                Some((Refusal::Copy, at)) if at >= last => Self::RefusedAsCopy,
                _ => Self::Silent,
            };
            return Some((why, last));
        }
        // the rest is about waagent behind its relay
        agent.relay_version.as_ref()?;
        if let Some((false, since)) = said.process {
            return Some((Self::ProcessGone, since));
        }
        // a relay that has just begun has not seen anything yet
        let begun = said.holder_since.unwrap_or(agent.enrolled_at).max(agent.enrolled_at);
        let since = |at: Option<Timestamp>| at.map_or(begun, |at| at.max(begun));
        let (fetched, reported) = (since(said.fetched_at), since(agent.reported_at()));
        if now.millis_since(fetched) > SILENT_AFTER_POLLING_MS {
            return Some((Self::NotFetching, fetched));
        }
        (!agent.at_work && now.millis_since(reported) > UNREPORTED_AFTER_MS).then_some((Self::NotReporting, reported))
    }

    /// The word in a machine's history.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::CredentialRefused => "credential-refused",
            Self::RefusedAsCopy => "refused-as-copy",
            Self::ProcessGone => "process-gone",
            Self::NotFetching => "not-fetching",
            Self::NotReporting => "not-reporting",
        }
    }

    /// Nothing at all is heard, for whatever reason.
    pub const fn is_silence(self) -> bool {
        matches!(self, Self::Silent | Self::CredentialRefused | Self::RefusedAsCopy)
    }

    /// The words before the age on a list: "last heard of 3 min ago".
    pub const fn since_words(self) -> &'static str {
        match self {
            Self::Silent => "last heard of",
            Self::CredentialRefused => "its credential is refused; last heard of",
            Self::RefusedAsCopy => "refused as a copy; last heard of",
            Self::ProcessGone => "waagent is not running; gone",
            Self::NotFetching => "last goal state fetched",
            Self::NotReporting => "last report",
        }
    }
}

/// Why an agent is not ready, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// A few words.
    pub title: String,
    /// What is known: one or two sentences.
    pub reason: String,
    /// What to do: one or two sentences.
    pub next_step: String,
    /// What to type on the machine, if something helps there.
    pub command: Option<String>,
    /// Enrolling the machine (again) is the way out.
    pub enrol: bool,
}

impl Advice {
    /// For a machine whose agent has this health; nothing for one that is ready. Times are those of the facts, so the words
    /// stay true while time goes by.
    pub fn on(vm: &Vm, health: AgentHealth) -> Option<Self> {
        let name = &vm.name;
        let lab = vm.kind == MachineKind::Lab;
        let waagent = vm.agent.as_ref().is_some_and(|agent| agent.kind == AgentKind::Waagent);
        let speaker = if waagent { "relay" } else { "agent" };
        let advice = match health {
            AgentHealth::Ready => return None,
            AgentHealth::Off => Self::of(
                "This machine is off",
                "Its agent is off with it.",
                "Start the machine. Changes are accepted and wait until then.",
            ),
            AgentHealth::NotInstalled if vm.provision_guest_agent => Self {
                enrol: true,
                ..Self::of(
                    "Its agent has not enrolled",
                    format!(
                        "Somebody said that an agent is on {name}. It has not enrolled here, so nothing is heard of it."
                    ),
                    "Enrol it with a token of its own. Changes are accepted and wait.",
                )
            },
            AgentHealth::NotInstalled => Self {
                enrol: true,
                ..Self::of(
                    "No agent",
                    format!("{name} has no agent yet, so nothing can be installed on it."),
                    "Give it one with a token of its own; it stays the same machine here.",
                )
            },
            AgentHealth::NeverSeen => Self::of(
                "Waiting for the agent",
                format!("{name} has enrolled; its {speaker} was never heard of since."),
                format!("Start annex-agent on {name}; this page notices by itself."),
            )
            .typing((!lab).then(|| unit_command("start", speaker_unit(waagent)))),
            AgentHealth::NotResponding { why, .. } => Self::against(why, vm, lab, waagent),
        };
        Some(advice)
    }

    fn against(why: AgentTrouble, vm: &Vm, lab: bool, waagent: bool) -> Self {
        let name = &vm.name;
        let again = format!("Enrol {name} again with a token of its own.");
        match why {
            AgentTrouble::Silent if lab => Self::of(
                "The agent does not respond",
                format!("{name} is on, but its agent is silent: it was stopped, or has just been started."),
                "Restart the machine if this lasts. Changes are accepted and wait.",
            ),
            AgentTrouble::Silent => Self::of(
                if waagent { "The relay does not respond" } else { "The agent does not respond" },
                format!(
                    "Nothing is heard of {name}: the machine is off, its network is down, or {} was stopped. What is installed on it may still work.",
                    if waagent { "the relay" } else { "the agent" }
                ),
                "See whether the machine is on and reaches this portal. Changes are accepted and wait.",
            )
            .typing(Some(unit_command("status", speaker_unit(waagent)))),
            AgentTrouble::CredentialRefused => Self {
                enrol: true,
                ..Self::of(
                    "The machine's credential is refused",
                    format!("{name} asks with a credential that a later enrolment replaced."),
                    again,
                )
            },
            AgentTrouble::RefusedAsCopy => Self {
                enrol: true,
                ..Self::of(
                    "A copy of this machine is refused",
                    format!(
                        "{name} itself is silent. What asks with its credential is another machine, or {name} on other hardware."
                    ),
                    format!("If that is {name} now, enrol it again. If it is a copy, enrol the copy with a token of its own, and start {name}."),
                )
            },
            AgentTrouble::ProcessGone => Self::of(
                "waagent is not running",
                format!("The relay on {name} answers; the Azure Linux Agent's process is gone."),
                "Start it on the machine. Changes are accepted and wait.",
            )
            .typing(Some(unit_command("start", waagent_unit(vm)))),
            AgentTrouble::NotFetching => Self::of(
                "waagent fetches no goal state",
                format!(
                    "The relay on {name} answers and waagent's process is there, but it has asked for no goal state for more than {} min.",
                    SILENT_AFTER_POLLING_MS / 60_000
                ),
                "Restart it on the machine; /var/log/waagent.log says what it waits for.",
            )
            .typing(Some(unit_command("restart", waagent_unit(vm)))),
            AgentTrouble::NotReporting => Self::of(
                "waagent does not report",
                format!(
                    "waagent on {name} fetches goal states, but has reported nothing for more than {} min although no change runs.",
                    UNREPORTED_AFTER_MS / 60_000
                ),
                "Restart it on the machine; /var/log/waagent.log says why reports fail.",
            )
            .typing(Some(unit_command("restart", waagent_unit(vm)))),
        }
    }

    fn of(title: impl Into<String>, reason: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self { title: title.into(), reason: reason.into(), next_step: next_step.into(), command: None, enrol: false }
    }

    fn typing(self, command: Option<String>) -> Self {
        Self { command, ..self }
    }
}

fn unit_command(verb: &str, unit: &str) -> String {
    format!("systemctl {verb} {unit}")
}

/// The unit that talks to this server.
const fn speaker_unit(waagent: bool) -> &'static str {
    if waagent { "annex-agent-relay" } else { "annex-agent" }
}

/// How the distribution calls waagent's unit.
fn waagent_unit(vm: &Vm) -> &'static str {
    let id = vm.os.as_ref().map(|os| os.id.to_ascii_lowercase()).unwrap_or_default();
    if matches!(id.as_str(), "debian" | "ubuntu" | "linuxmint" | "raspbian") { "walinuxagent" } else { "waagent" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        generation::{Generation, Incarnation},
        guest_agent::{AgentSaid, HealthWord},
        ids::VmId,
        vm::{OsInfo, PowerState},
    };

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn ago(ms: i64) -> Timestamp {
        NOW.plus_millis(-ms)
    }

    /// A waagent that is well: heard of, running, fetching and reporting, for a day.
    fn waagent() -> GuestAgent {
        GuestAgent {
            kind: AgentKind::Waagent,
            version: "2.16".into(),
            relay_version: Some("0.1.0".into()),
            enrolled_at: ago(86_400_000),
            last_contact_at: Some(ago(1_000)),
            last_status_at: None,
            fetched_incarnation: None,
            reported_incarnation: None,
            said: AgentSaid {
                holder_since: Some(ago(80_000_000)),
                fetched_at: Some(ago(3_000)),
                reported_at: Some(ago(5_000)),
                process: Some((true, ago(80_000_000))),
                ..AgentSaid::default()
            },
            at_work: false,
        }
    }

    fn trouble(change: impl FnOnce(&mut GuestAgent)) -> Option<AgentTrouble> {
        let mut agent = waagent();
        change(&mut agent);
        match AgentHealth::of(Some(&agent), PowerState::Unknown, NOW) {
            AgentHealth::Ready => None,
            AgentHealth::NotResponding { why, .. } => Some(why),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_further_from_the_machine_explains_what_is_nearer() {
        assert_eq!(trouble(|_| ()), None);
        assert_eq!(trouble(|a| a.last_contact_at = Some(ago(SILENT_AFTER_MS))), None);
        let silent = |a: &mut GuestAgent| {
            a.last_contact_at = Some(ago(SILENT_AFTER_MS + 1));
            a.said.process = Some((false, ago(60_000)));
        };
        assert_eq!(trouble(silent), Some(AgentTrouble::Silent), "the relay tells silence");
        let gone = |a: &mut GuestAgent| {
            a.said.process = Some((false, ago(60_000)));
            a.said.fetched_at = Some(ago(10_000_000));
        };
        assert_eq!(trouble(gone), Some(AgentTrouble::ProcessGone));
        let idle = |a: &mut GuestAgent| {
            a.said.fetched_at = Some(ago(SILENT_AFTER_POLLING_MS + 1));
            a.said.reported_at = Some(ago(UNREPORTED_AFTER_MS + 1));
        };
        assert_eq!(trouble(idle), Some(AgentTrouble::NotFetching));
        assert_eq!(trouble(|a| a.said.fetched_at = None), Some(AgentTrouble::NotFetching), "it never asked");
        let mute = |a: &mut GuestAgent| a.said.reported_at = Some(ago(UNREPORTED_AFTER_MS + 1));
        assert_eq!(trouble(mute), Some(AgentTrouble::NotReporting));
    }

    #[test]
    fn a_running_handler_and_a_new_relay_are_no_trouble() {
        let busy = |a: &mut GuestAgent| {
            a.said.reported_at = Some(ago(60 * 60_000));
            a.at_work = true;
        };
        assert_eq!(trouble(busy), None, "waagent reports nothing while a handler runs");
        let new_relay = |a: &mut GuestAgent| {
            (a.said.fetched_at, a.said.reported_at) = (Some(ago(50_000_000)), None);
            a.said.holder_since = Some(ago(20_000));
        };
        assert_eq!(trouble(new_relay), None, "waagent has not had the time to ask it");
        let alone = |a: &mut GuestAgent| {
            a.relay_version = None;
            a.said = AgentSaid::default();
        };
        assert_eq!(trouble(alone), None, "without a relay's words nothing is known of it");
    }

    #[test]
    fn silence_is_explained_by_what_was_refused_since() {
        let refused = |what, at| {
            move |a: &mut GuestAgent| {
                a.last_contact_at = Some(ago(60_000));
                a.said.refused = Some((what, at));
            }
        };
        assert_eq!(trouble(refused(Refusal::Credential, ago(5_000))), Some(AgentTrouble::CredentialRefused));
        assert_eq!(trouble(refused(Refusal::Copy, ago(5_000))), Some(AgentTrouble::RefusedAsCopy));
        assert_eq!(trouble(refused(Refusal::Copy, ago(90_000))), Some(AgentTrouble::Silent), "heard of since");
        assert_eq!(trouble(|a| a.said.refused = Some((Refusal::Copy, ago(1)))), None, "the first goes on");
    }

    fn vm(os: &str, agent: Option<GuestAgent>) -> Vm {
        Vm {
            location: crate::name::Location::usual(),
            provision_guest_agent: agent.is_some(),
            id: VmId::new(uuid::Uuid::nil()),
            name: "web-1".parse().expect("a name"),
            resource_group: "default".parse().expect("a name"),
            kind: MachineKind::External,
            power: PowerState::Unknown,
            os: Some(OsInfo { id: os.into(), ..OsInfo::default() }),
            architecture: None,
            hostname: None,
            tags: Default::default(),
            allow_extension_operations: true,
            outside_network: true,
            isolation: None,
            agent,
            incarnation: Incarnation::default(),
            created_at: NOW,
            generation: Generation::default(),
        }
    }

    #[test]
    fn what_is_not_ready_has_a_reason_and_a_next_step() {
        let healths = AgentTrouble::ALL.map(|why| AgentHealth::NotResponding { why, since: NOW });
        let healths = healths.into_iter().chain([AgentHealth::NeverSeen, AgentHealth::NotInstalled, AgentHealth::Off]);
        for kind in [AgentKind::Native, AgentKind::Waagent] {
            let vm = vm("debian", Some(GuestAgent { kind, ..waagent() }));
            for health in healths.clone() {
                assert_ne!(health.word(), HealthWord::Ready);
                let advice = Advice::on(&vm, health).expect("it is not ready");
                assert!(!advice.title.is_empty() && advice.reason.ends_with('.') && advice.next_step.ends_with('.'));
            }
            assert_eq!(Advice::on(&vm, AgentHealth::Ready), None);
        }
    }

    #[test]
    fn an_agent_that_somebody_speaks_of_is_waited_for() {
        let reason = |present| {
            let vm = Vm { provision_guest_agent: present, ..vm("debian", None) };
            let advice = Advice::on(&vm, AgentHealth::NotInstalled).expect("it is not ready");
            assert!(advice.enrol);
            (vm.extension_change_allowed().is_ok(), advice.next_step.contains("accepted and wait"))
        };
        assert_eq!((reason(false), reason(true)), ((false, false), (true, true)), "the words say what the rule does");
    }

    #[test]
    fn the_unit_is_called_as_the_distribution_calls_it() {
        let gone = AgentHealth::NotResponding { why: AgentTrouble::ProcessGone, since: NOW };
        for (os, command) in [
            ("debian", "systemctl start walinuxagent"),
            ("Ubuntu", "systemctl start walinuxagent"),
            ("rhel", "systemctl start waagent"),
            ("azurelinux", "systemctl start waagent"),
        ] {
            let advice = Advice::on(&vm(os, Some(waagent())), gone).expect("it is not ready");
            assert_eq!(advice.command.as_deref(), Some(command));
        }
    }
}
