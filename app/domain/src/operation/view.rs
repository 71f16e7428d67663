//! Operations as pages show them.

use serde::{Deserialize, Serialize};

use super::{OperationKind, OperationTarget, TargetState};
use crate::{
    fault::Fault,
    guest_agent::AgentHealth,
    ids::OperationId,
    name::{ExtensionName, VmName},
    timestamp::Timestamp,
};

/// One accepted long request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// What it does.
    pub kind: OperationKind,
    /// What it is about: "Custom Script 1.1.0", or a machine's name.
    pub subject: String,
    /// Who asked for it.
    pub actor: String,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// The failed operation that this one takes up again.
    pub retry_of: Option<OperationId>,
}

impl Operation {
    /// Its title.
    pub fn title(&self) -> String {
        self.kind.title(&self.subject)
    }
}

/// A row of the operations list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperationSummary {
    /// The operation.
    pub operation: Operation,
    /// Its state over all machines.
    pub state: TargetState,
    /// Machines by state, only states that occur.
    pub counts: Vec<(TargetState, u32)>,
    /// Names of machines, failed ones first, at most 5.
    pub machines: Vec<VmName>,
    /// When its last target ended; `None` while open.
    pub finished_at: Option<Timestamp>,
}

/// One machine's part of an operation, with its name and what the page needs beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetView {
    /// The durable part.
    pub target: OperationTarget,
    /// What the operation is about.
    pub operation: Operation,
    /// The machine's name.
    pub vm_name: VmName,
    /// The extension's name.
    pub extension_name: Option<ExtensionName>,
    /// Agent health now: a queued target of a silent machine "waits for its agent".
    pub health: AgentHealth,
    /// Why it cannot be withdrawn.
    pub cancel: Option<Fault>,
    /// The script's standard output as the status reported it (last 4 KiB).
    pub stdout: Option<String>,
    /// Standard error, likewise.
    pub stderr: Option<String>,
}

/// Everything the operation page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperationDetail {
    /// The operation with its state and counts.
    pub summary: OperationSummary,
    /// Its machines: failed first, then open, then by name.
    pub targets: Vec<TargetView>,
    /// Why failed machines cannot be tried again; `None` when they can.
    pub retry: Option<Fault>,
    /// The server's time when this was made.
    pub now: Timestamp,
}

/// What the operations list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationFilter {
    /// Part of subject, machine or actor, without regard to case.
    pub text: String,
    /// Only open ones.
    pub open_only: bool,
    /// Only ones with a failed machine.
    pub failed_only: bool,
}
