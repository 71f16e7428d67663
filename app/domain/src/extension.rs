//! A named, wanted configuration on one machine, beside what the machine last said about it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    extension_image::{ExtensionImage, handler_name},
    extension_options::ExtensionOptions,
    fault::Fault,
    generation::{Generation, Incarnation, SequenceNumber},
    guest_agent::AgentHealth,
    ids::{ExtensionId, OperationId, VmId},
    name::{ExtensionName, ExtensionType, Publisher, ResourceGroupName, VmName},
    operation::{OperationKind, TargetState, TargetView},
    secret::Secret,
    status::{HandlerReport, StatusWord},
    timestamp::Timestamp,
    version::ExtensionVersion,
};

/// Did the last change to an extension finish (ARM's `provisioningState`)?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProvisioningState {
    /// First installation under way.
    Creating,
    /// A change under way.
    Updating,
    /// Removal under way.
    Deleting,
    /// The last change worked.
    Succeeded,
    /// The last change failed.
    Failed,
    /// The last change was withdrawn.
    Canceled,
}

impl ProvisioningState {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Creating, Self::Updating, Self::Deleting, Self::Succeeded, Self::Failed, Self::Canceled];

    /// ARM's word, also the database's.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Updating => "Updating",
            Self::Deleting => "Deleting",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// That protected settings exist, never what they hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectedSettingsNote {
    /// Names of the settings that are set.
    pub keys: Vec<String>,
    /// When they were last changed.
    pub set_at: Timestamp,
    /// By whom.
    pub set_by: String,
}

/// One extension on one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extension {
    /// Its id.
    pub id: ExtensionId,
    /// Its machine.
    pub vm_id: VmId,
    /// Its name, unique on the machine without regard to case.
    pub name: ExtensionName,
    /// Publisher of its handler; immutable.
    pub publisher: Publisher,
    /// Type of its handler; immutable.
    pub extension_type: ExtensionType,
    /// The version that is wanted.
    pub version: ExtensionVersion,
    /// Public settings: a JSON object.
    pub settings: Value,
    /// Whether protected settings are set.
    pub protected: Option<ProtectedSettingsNote>,
    /// Number of the present settings.
    pub sequence_number: SequenceNumber,
    /// The goal state in which it was last changed.
    pub incarnation: Incarnation,
    /// True once its removal was accepted: the goal state says `uninstall`.
    pub removing: bool,
    /// Did the last change finish?
    pub provisioning_state: ProvisioningState,
    /// Names of extensions that must succeed first (`provisionAfterExtensions`).
    pub provision_after: Vec<ExtensionName>,
    /// What was said of it beside its settings.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub options: ExtensionOptions,
    /// Number of the newest revision, from 1.
    pub revision: i64,
    /// The newest report about it.
    pub report: Option<HandlerReport>,
    /// When it was first installed.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// How often this record was written: its ETag.
    pub generation: Generation,
}

fn is_usual(options: &ExtensionOptions) -> bool {
    *options == ExtensionOptions::default()
}

impl Extension {
    /// What a change of this kind is for this extension: as long as nothing of it has got to its machine, whatever
    /// replaces the installation is still one.
    pub fn change_here(&self, kind: OperationKind) -> OperationKind {
        match kind {
            OperationKind::Remove => kind,
            _ if self.provisioning_state == ProvisioningState::Creating => OperationKind::Install,
            _ => kind,
        }
    }

    /// `Publisher.Type`.
    pub fn handler_name(&self) -> String {
        handler_name(&self.publisher, &self.extension_type)
    }

    /// Is the caller's copy still the newest? Error: `Stale`, ARM's `PreconditionFailed`.
    pub fn check_match(&self, seen: Option<Generation>) -> Result<(), Fault> {
        match seen {
            Some(seen) if seen != self.generation => Err(Fault::new(
                crate::fault::FaultKind::Stale,
                "PreconditionFailed",
                format!(
                    "{} was changed after you opened this page. Look at the present settings below, then save again.",
                    self.name
                ),
            )),
            _ => Ok(()),
        }
    }

    /// What to show of it in one word. `open` is the state of a change under way.
    pub fn state(&self, open: Option<TargetState>, health: AgentHealth) -> ExtensionState {
        match open {
            Some(TargetState::Queued) if matches!(health, AgentHealth::Ready) => return ExtensionState::Queued,
            Some(TargetState::Queued) => return ExtensionState::WaitingForAgent,
            Some(TargetState::Running) => return ExtensionState::Running,
            _ => {}
        }
        match (self.provisioning_state, &self.report) {
            (ProvisioningState::Failed, _) => ExtensionState::Failed,
            (_, None) => ExtensionState::Unknown,
            (_, Some(report)) => report_state(report),
        }
    }
}

fn report_state(report: &HandlerReport) -> ExtensionState {
    if report.handler_failed() {
        return ExtensionState::Failed;
    }
    if report.state.eq_ignore_ascii_case("Unresponsive") {
        return ExtensionState::Unresponsive;
    }
    let Some(result) = &report.result else {
        return if report.state.eq_ignore_ascii_case("Ready") {
            ExtensionState::Ready
        } else {
            ExtensionState::Unknown
        };
    };
    let part_failed = result.substatuses.iter().any(|s| s.status == StatusWord::Error);
    match result.status {
        StatusWord::Error => ExtensionState::Failed,
        StatusWord::Success if part_failed => ExtensionState::Degraded,
        StatusWord::Success if report.state.eq_ignore_ascii_case("NotReady") => ExtensionState::Degraded,
        StatusWord::Success => ExtensionState::Ready,
        StatusWord::Warning => ExtensionState::Degraded,
        StatusWord::Transitioning => ExtensionState::Running,
    }
}

/// One word for an extension; the first is the worst. Each has one icon and one colour in the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ExtensionState {
    /// The last change or the extension itself failed.
    Failed,
    /// Its heartbeat stopped.
    Unresponsive,
    /// It works with a remark, or one of its parts reports an error.
    Degraded,
    /// A change runs.
    Running,
    /// A change waits for a machine that is off or silent.
    WaitingForAgent,
    /// A change waits to be picked up.
    Queued,
    /// Nothing was reported yet.
    Unknown,
    /// As it should be.
    Ready,
}

impl ExtensionState {
    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Failed => "Failed",
            Self::Unresponsive => "Unresponsive",
            Self::Degraded => "Degraded",
            Self::Running => "Running",
            Self::WaitingForAgent => "Waiting for agent",
            Self::Queued => "Queued",
            Self::Unknown => "Unknown",
            Self::Ready => "Ready",
        }
    }
}

/// A row of a machine's extension list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtensionSummary {
    /// The extension.
    pub extension: Extension,
    /// Title of its package.
    pub title: String,
    /// Its state in one word.
    pub state: ExtensionState,
    /// One line from its newest report or its running operation.
    pub message: String,
    /// A newer published version, when there is one.
    pub update: Option<ExtensionVersion>,
    /// The operation that is open on it.
    pub open_operation: Option<OperationId>,
    /// When it last reported.
    pub reported_at: Option<Timestamp>,
}

/// What a machine's row in a list says of its extensions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionCounts {
    /// All of them.
    pub total: u32,
    /// The worst state that one is in; `None` when there are none.
    pub worst: Option<ExtensionState>,
    /// How many are in that state.
    pub in_worst: u32,
    /// How many have a newer published version.
    pub updates: u32,
}

impl ExtensionCounts {
    /// No extension at all.
    pub const fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// Counts one more.
    pub fn add(&mut self, state: ExtensionState, has_update: bool) {
        self.total += 1;
        self.updates += u32::from(has_update);
        match self.worst {
            Some(worst) if worst < state => {}
            Some(worst) if worst == state => self.in_worst += 1,
            _ => (self.worst, self.in_worst) = (Some(state), 1),
        }
    }
}

/// One entry of an extension's history of settings and versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// From 1.
    pub number: i64,
    /// Version wanted by it.
    pub version: ExtensionVersion,
    /// Public settings of it.
    pub settings: Value,
    /// Names of the protected settings of it. Rolling back restores their values without showing them.
    pub protected_keys: Vec<String>,
    /// Who made it.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// How it came about.
    pub kind: OperationKind,
}

/// Everything the page of one extension on one machine shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtensionDetail {
    /// The machine's name.
    pub vm_name: VmName,
    /// The machine's resource group.
    pub resource_group: ResourceGroupName,
    /// Agent health at `now`.
    pub health: AgentHealth,
    /// The extension with its state.
    pub summary: ExtensionSummary,
    /// The package version that is wanted now (title, schemas).
    pub image: ExtensionImage,
    /// Published versions, newest first.
    pub versions: Vec<ExtensionVersion>,
    /// Its runs, newest first, at most 50.
    pub runs: Vec<TargetView>,
    /// Its revisions, newest first, at most 50.
    pub revisions: Vec<Revision>,
    /// Why it cannot be changed now, if so.
    pub change: Option<Fault>,
    /// The server's time when this was made.
    pub now: Timestamp,
}

/// What to do with protected settings in a change.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ProtectedChange {
    /// Leave them as they are.
    #[default]
    Keep,
    /// Replace them all by this JSON object.
    Replace(Secret),
    /// Set some (each value JSON text), clear some, keep the rest.
    Merge {
        /// Name to JSON text of the value.
        set: BTreeMap<String, Secret>,
        /// Names to remove.
        clear: Vec<String>,
    },
}

/// Install, or change if it is there: the command behind every front.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutExtension {
    /// On which machines.
    pub targets: Vec<VmId>,
    /// Under which name.
    pub name: ExtensionName,
    /// Of which publisher.
    pub publisher: Publisher,
    /// Of which type.
    pub extension_type: ExtensionType,
    /// Which version; `None` keeps the present one, or takes the newest at first installation.
    pub version: Option<ExtensionVersion>,
    /// Public settings: a JSON object.
    pub settings: Value,
    /// Protected settings.
    pub protected: ProtectedChange,
    /// Which extensions must have succeeded first; `None` leaves the order as it is.
    pub provision_after: Option<Vec<ExtensionName>>,
    /// What is said beside the settings; `None` leaves it as it is. Another `force_update_tag` is a new run.
    pub options: Option<ExtensionOptions>,
    /// Run again even when nothing changed (a changed `forceUpdateTag`).
    pub force_run: bool,
    /// The generation the caller saw; `None` overwrites whatever is there.
    pub if_match: Option<Generation>,
}

/// The same as the fields of a web form: values as typed. Turned into [`PutExtension`] by the package's schema.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExtensionForm {
    /// Ids of machines.
    pub targets: Vec<String>,
    /// Extension name.
    pub name: String,
    /// Publisher.
    pub publisher: String,
    /// Type.
    pub extension_type: String,
    /// Version; empty as `None`.
    pub version: String,
    /// Public settings: field name to typed text. Empty text means "not set".
    pub settings: BTreeMap<String, String>,
    /// Public settings as one JSON text; used instead of `settings` when not empty.
    pub settings_json: String,
    /// Protected settings: field name to typed text. Empty text means "keep".
    pub protected: BTreeMap<String, Secret>,
    /// Protected settings to clear.
    pub clear_protected: Vec<String>,
    /// Names of extensions that must have succeeded first, separated by commas; a form without this field keeps the order.
    pub provision_after: Option<String>,
    /// The generation that the form was filled from.
    pub etag: String,
}

/// What an install would do on one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreflightRow {
    /// The machine.
    pub vm_id: VmId,
    /// Its name.
    pub vm_name: VmName,
    /// What would happen, in words ("installs 1.1.0", "waits for the agent").
    pub outcome: String,
    /// Why it cannot be done.
    pub refusal: Option<Fault>,
}

/// Longest settings text accepted, public and protected each, in bytes (our own quota; the field publishes none).
pub const SETTINGS_LONGEST: usize = 262_144;
/// Most extensions on one machine (our own quota).
pub const EXTENSIONS_MOST: usize = 64;
/// Most machines in one operation.
pub const TARGETS_MOST: usize = 500;
