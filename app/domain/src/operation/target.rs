//! One operation on one machine.

use serde::{Deserialize, Serialize};

use super::{OperationKind, Step, StepName, StepPhase};
use crate::{
    fault::Fault,
    generation::{Generation, Incarnation, SequenceNumber},
    ids::{ExtensionId, OperationId, VmId},
    timestamp::Timestamp,
    version::ExtensionVersion,
};

/// A run must end within this time after it was picked up (90 minutes: extension model, section 4.8).
pub const RUN_LIMIT_MS: i64 = 90 * 60 * 1000;

/// Where a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TargetState {
    /// Accepted; the machine has not fetched it yet.
    Queued,
    /// The machine is at it.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Withdrawn before it began.
    Canceled,
    /// Replaced by a newer change before it began.
    Superseded,
    /// No result within the limit.
    TimedOut,
}

impl TargetState {
    /// All states.
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Canceled, Self::Superseded, Self::TimedOut];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Superseded => "superseded",
            Self::TimedOut => "timed-out",
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Canceled => "Cancelled",
            Self::Superseded => "Replaced",
            Self::TimedOut => "Timed out",
        }
    }

    /// Queued or running.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }

    /// Failed or timed out: what "retry" takes up.
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut)
    }
}

/// The state of an operation from those of its targets: open while one is open, then the worst.
pub fn overall_state(targets: impl IntoIterator<Item = TargetState>) -> TargetState {
    const RANK: [TargetState; 7] = [
        TargetState::Running,
        TargetState::Queued,
        TargetState::Failed,
        TargetState::TimedOut,
        TargetState::Succeeded,
        TargetState::Canceled,
        TargetState::Superseded,
    ];
    let seen: Vec<TargetState> = targets.into_iter().collect();
    // some done and some queued is "running": work has begun
    let begun = seen.iter().any(|s| !matches!(s, TargetState::Queued));
    match RANK.into_iter().find(|s| seen.contains(s)) {
        Some(TargetState::Queued) if begun => TargetState::Running,
        Some(state) => state,
        None => TargetState::Succeeded,
    }
}

/// One operation on one machine: the durable row and the state machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperationTarget {
    /// The operation.
    pub operation_id: OperationId,
    /// What it does.
    pub kind: OperationKind,
    /// The machine.
    pub vm_id: VmId,
    /// The extension; `None` for power.
    pub extension_id: Option<ExtensionId>,
    /// The goal state that carries it.
    pub incarnation: Incarnation,
    /// Whose result it waits for; `None` for power.
    pub sequence_number: Option<SequenceNumber>,
    /// Which version must report; `None` for power.
    pub version: Option<ExtensionVersion>,
    /// Where it is.
    pub state: TargetState,
    /// Its steps in order.
    pub steps: Vec<Step>,
    /// One line about how it stands or ended.
    pub message: String,
    /// Exit code of the script or command, when one was reported.
    pub exit_code: Option<i64>,
    /// Why it failed.
    pub fault: Option<Fault>,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When the machine fetched it.
    pub picked_up_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How often this record was written.
    pub generation: Generation,
}

impl OperationTarget {
    /// When it times out, once picked up.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.picked_up_at.map(|at| at.plus_millis(RUN_LIMIT_MS))
    }

    /// May it be withdrawn? The reason is the sentence beside the disabled button.
    ///
    /// Errors: `OperationNotAllowed`.
    pub fn cancel_allowed(&self) -> Result<(), Fault> {
        match self.state {
            TargetState::Queued if self.kind.is_power() => {
                Err(Fault::not_allowed("A power change cannot be withdrawn: it takes effect at once."))
            }
            TargetState::Queued => Ok(()),
            TargetState::Running => Err(Fault::not_allowed(
                "The machine has begun, and a command that runs cannot be stopped from here. It ends by itself or at its limit.",
            )),
            _ => Err(Fault::not_allowed("It has ended already.")),
        }
    }

    /// The step of this name, added at its place when it was not expected.
    pub(super) fn step_mut(&mut self, name: StepName) -> &mut Step {
        let at = match self.steps.iter().position(|s| s.name == name) {
            Some(at) => at,
            None => {
                let at = self.steps.iter().position(|s| s.name > name).unwrap_or(self.steps.len());
                self.steps.insert(at, Step::waiting(name));
                at
            }
        };
        &mut self.steps[at]
    }

    /// How a step stands.
    pub fn phase_of(&self, name: StepName) -> StepPhase {
        self.steps.iter().find(|s| s.name == name).map_or(StepPhase::Waiting, |s| s.phase)
    }
}
