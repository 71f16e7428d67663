//! Machines: where they come from, whether they are on, and what may be done with them now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    agent_trouble::Advice,
    extension::{ExtensionCounts, ExtensionSummary},
    fault::Fault,
    generation::{Generation, Incarnation},
    guest_agent::{AgentHealth, GuestAgent, HealthWord},
    ids::VmId,
    name::{Location, ResourceGroupName, VmName},
    timestamp::Timestamp,
};

/// Where a machine comes from; decides whether Annex controls its power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MachineKind {
    /// A machine that Annex runs itself in namespaces on the portal's host.
    Lab,
    /// Somebody else's machine with an agent on it.
    External,
}

impl MachineKind {
    /// The word in the database and in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Lab => "lab",
            Self::External => "external",
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Lab, Self::External].into_iter().find(|k| k.code() == code)
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Lab => "Lab machine",
            Self::External => "External machine",
        }
    }
}

/// Whether a machine is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PowerState {
    /// It runs.
    Running,
    /// It was told to start.
    Starting,
    /// It was told to stop.
    Stopping,
    /// It is off.
    Stopped,
    /// Annex cannot tell (external machines).
    Unknown,
}

impl PowerState {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Running, Self::Starting, Self::Stopping, Self::Stopped, Self::Unknown];

    /// The word in the database; ARM's `PowerState/…` in lower case.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Starting => "starting",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Unknown => "unknown",
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// The word on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Starting => "Starting",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Unknown => "Unknown",
        }
    }
}

/// What can be done with a machine's power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PowerAction {
    /// Switch it on.
    Start,
    /// Switch it off: every process in it ends.
    Stop,
    /// Off and on again, with the same disk.
    Restart,
}

impl PowerAction {
    /// All actions.
    pub const ALL: [Self; 3] = [Self::Start, Self::Stop, Self::Restart];

    /// The word on a button and in the database.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Stop => "Stop",
            Self::Restart => "Restart",
        }
    }

    /// Reads [`Self::label`] back, without regard to case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.label().eq_ignore_ascii_case(text))
    }
}

/// The operating system as the agent reported it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OsInfo {
    /// Short id, for example `debian` (`ID` of os-release).
    pub id: String,
    /// For example `12`.
    pub version: String,
    /// For people, for example `Debian GNU/Linux 12 (bookworm)`.
    pub pretty_name: String,
}

/// One machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vm {
    /// Its id; never reused.
    pub id: VmId,
    /// Its name.
    pub name: VmName,
    /// The group it belongs to.
    pub resource_group: ResourceGroupName,
    /// Where it is, as a label.
    pub location: Location,
    /// Where it comes from.
    pub kind: MachineKind,
    /// Whether it is on.
    pub power: PowerState,
    /// Operating system, once an agent has reported it.
    pub os: Option<OsInfo>,
    /// Processor architecture in the kernel's words (`x86_64`, `aarch64`), once reported.
    pub architecture: Option<String>,
    /// What the machine calls itself.
    pub hostname: Option<String>,
    /// Free labels.
    pub tags: BTreeMap<String, String>,
    /// False: no extension may be changed (`osProfile.allowExtensionOperations`).
    pub allow_extension_operations: bool,
    /// An agent is present: set when one enrols or reports, or by hand for one that was installed before
    /// (`linuxConfiguration.provisionVMAgent`).
    pub provision_guest_agent: bool,
    /// True when a lab machine may reach addresses outside (its owner decides).
    pub outside_network: bool,
    /// How a lab machine is isolated, in words; or why it is not.
    pub isolation: Option<String>,
    /// The agent on it, once one has enrolled.
    pub agent: Option<GuestAgent>,
    /// Number of its newest goal state.
    pub incarnation: Incarnation,
    /// When it was registered.
    pub created_at: Timestamp,
    /// How often this record was written.
    pub generation: Generation,
}

/// Tags as people write them: one a line, `name=value` or a name alone.
pub fn read_tags(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.split_once('=').unwrap_or((line, "")))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

impl Vm {
    /// Agent health as of `now`.
    pub fn agent_health(&self, now: Timestamp) -> AgentHealth {
        AgentHealth::of(self.agent.as_ref(), self.power, now)
    }

    /// Its row in a list.
    pub fn summary(&self, health: AgentHealth, extensions: ExtensionCounts) -> VmSummary {
        VmSummary {
            id: self.id,
            name: self.name.clone(),
            kind: self.kind,
            power: self.power,
            system: self.os.as_ref().map(|os| os.pretty_name.clone()),
            tags: self.tags.clone(),
            created_at: self.created_at,
            enrolled_at: self.agent.as_ref().map(|agent| agent.enrolled_at),
            health,
            extensions,
        }
    }

    /// May `action` be started? The reason is the sentence beside a disabled button.
    ///
    /// Errors: `OperationNotAllowed`.
    pub fn power_allowed(&self, action: PowerAction) -> Result<(), Fault> {
        if self.kind == MachineKind::External {
            return Err(Fault::not_allowed(format!(
                "Annex does not control the power of {}: it runs somewhere else. Use whatever runs it.",
                self.name
            )));
        }
        match (action, self.power) {
            (PowerAction::Start, PowerState::Stopped) => Ok(()),
            (PowerAction::Stop | PowerAction::Restart, PowerState::Running) => Ok(()),
            (_, PowerState::Starting | PowerState::Stopping) => {
                Err(Fault::not_allowed(format!("{} is {} just now.", self.name, self.power.code())))
            }
            (PowerAction::Start, _) => Err(Fault::not_allowed(format!("{} is running already.", self.name))),
            (PowerAction::Stop | PowerAction::Restart, _) => {
                Err(Fault::not_allowed(format!("{} is not running.", self.name)))
            }
        }
    }

    /// May extensions on this machine be changed at all? A machine that is off or silent may: the change waits for it.
    ///
    /// Errors: `OperationNotAllowed`, with the way out.
    pub fn extension_change_allowed(&self) -> Result<(), Fault> {
        self.platform().extension_change_allowed(self.name.as_str())
    }

    /// May a program change extensions now? A person sees a change wait for a machine that is off; a program would wait with
    /// it, so it is told at once (arm-api, section 5).
    ///
    /// Errors: `OperationNotAllowed`.
    pub fn running_for_programs(&self) -> Result<(), Fault> {
        match self.power {
            PowerState::Stopped | PowerState::Stopping => Err(Fault::not_allowed(format!(
                "Cannot modify extensions in the VM when the VM is not running. Start {} first.",
                self.name
            ))),
            _ => Ok(()),
        }
    }

    /// May a person say that an agent is there (or not)? An agent that answers cannot be said away.
    ///
    /// Errors: `OperationNotAllowed`.
    pub fn agent_presence_allowed(&self, present: bool, health: AgentHealth) -> Result<(), Fault> {
        if !present && health.word() == HealthWord::Ready {
            return Err(Fault::not_allowed(format!(
                "The agent on {} answers, so it is there. Removing an agent is not offered; a machine that is to be left alone is decommissioned.",
                self.name
            )));
        }
        Ok(())
    }

    /// May a token be made that lets this very machine in, in place of the credential that it has?
    ///
    /// Errors: `OperationNotAllowed`: the lab enrols its machines itself.
    pub fn enrolment_allowed(&self) -> Result<(), Fault> {
        match self.kind {
            MachineKind::External => Ok(()),
            MachineKind::Lab => {
                Err(Fault::not_allowed(format!("{} is a lab machine; the lab enrols it when it starts.", self.name)))
            }
        }
    }

    /// What decides which packages fit it.
    pub fn platform(&self) -> Platform {
        Platform {
            allow_extension_operations: self.allow_extension_operations,
            has_agent: self.provision_guest_agent,
            architecture: self.architecture.clone(),
        }
    }
}

/// What decides, beside the extensions on it, which packages fit a machine. Many machines share one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// As in [`Vm::allow_extension_operations`].
    pub allow_extension_operations: bool,
    /// As in [`Vm::provision_guest_agent`].
    pub has_agent: bool,
    /// As in [`Vm::architecture`].
    pub architecture: Option<String>,
}

impl Platform {
    /// [`Vm::extension_change_allowed`] for a machine of this kind called `name`.
    ///
    /// Errors: `OperationNotAllowed`, with the way out.
    pub fn extension_change_allowed(&self, name: &str) -> Result<(), Fault> {
        if !self.allow_extension_operations {
            return Err(Fault::not_allowed(format!(
                "Extension operations are switched off on {name}. Somebody who manages machines can allow them on its page, under Agent and extensions."
            )));
        }
        if !self.has_agent {
            return Err(Fault::not_allowed(format!(
                "{name} has no agent, so nothing can be installed on it. Its page, under Agent and extensions, has the way to add one."
            )));
        }
        Ok(())
    }
}

/// A row of the machines list: what it shows and no more, because a page has up to 200 of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VmSummary {
    /// Its id.
    pub id: VmId,
    /// Its name.
    pub name: VmName,
    /// Where it comes from.
    pub kind: MachineKind,
    /// Whether it is on.
    pub power: PowerState,
    /// Full name of its operating system, once reported.
    pub system: Option<String>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When its agent enrolled, once one has.
    pub enrolled_at: Option<Timestamp>,
    /// Its agent's health when the list was made.
    pub health: AgentHealth,
    /// Its extensions.
    #[serde(default, skip_serializing_if = "ExtensionCounts::is_empty")]
    pub extensions: ExtensionCounts,
}

/// Everything the machine page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VmDetail {
    /// The machine.
    pub vm: Vm,
    /// Its agent's health at `now`.
    pub health: AgentHealth,
    /// Why its agent is not ready and what to do; nothing when it is.
    pub advice: Option<Advice>,
    /// Its extensions by name.
    pub extensions: Vec<ExtensionSummary>,
    /// What may be done with its power, each with the reason when not.
    pub power_actions: Vec<(PowerAction, Option<Fault>)>,
    /// Why extensions cannot be changed, if so.
    pub extension_change: Option<Fault>,
    /// The server's time when this was made.
    pub now: Timestamp,
}

/// What the machines list is narrowed to. All parts must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VmFilter {
    /// Part of the name, tag or operating system, without regard to case.
    pub text: String,
    /// Only machines with this agent health.
    pub health: Option<crate::guest_agent::HealthWord>,
    /// Only machines with at least one failed extension.
    pub failed_only: bool,
    /// `name`, `-name`, `last_seen`, `-last_seen`, `created`, `-created`; anything else sorts by name.
    pub sort: String,
}

/// Longest tag name and value, in characters (ARM: 512 and 256).
pub const TAG_LONGEST: (usize, usize) = (512, 256);
/// Most tags on one machine (ARM).
pub const TAGS_MOST: usize = 50;

/// Checks a set of tags against ARM's limits. Error: target `tags`.
pub fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), Fault> {
    if tags.len() > TAGS_MOST {
        return Err(Fault::invalid("tags", format!("A machine has at most {TAGS_MOST} tags.")));
    }
    for (name, value) in tags {
        let bad_char = name.chars().find(|c| c.is_control() || "<>%&\\?/".contains(*c));
        if name.trim().is_empty() || name.chars().count() > TAG_LONGEST.0 || bad_char.is_some() {
            return Err(Fault::invalid(
                "tags",
                format!(
                    "{name:?} is not a tag name: 1 to 512 characters, none of them < > % & \\ ? / or a control character."
                ),
            ));
        }
        if value.chars().count() > TAG_LONGEST.1 || value.chars().any(char::is_control) {
            return Err(Fault::invalid(
                "tags",
                format!("The value of tag {name:?} is longer than 256 characters or holds a control character."),
            ));
        }
    }
    Ok(())
}
