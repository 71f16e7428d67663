//! Steps of agents that report only results (waagent): told from what they ask for, and marked as derived.
//!
//! ```text
//! goal state ──► Picked up (started, derived)
//! manifest   ──► Picked up (done), then  Downloaded (started)   install, another version
//!                                        Enabled (started)      other settings, once more
//!                                        Uninstalled (started)  remove
//! package    ──► Downloaded (done), then Installed | Updated (started)
//! status     ──► what was started is done; or the step that the agent's code names has failed
//! ```

use std::cmp::Ordering;

use super::{OperationKind, OperationTarget, StepName, StepPhase, TargetState};
use crate::{
    status::{HandlerReport, StatusWord},
    timestamp::Timestamp,
};

/// What an agent asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// The extensions that it should have: whatever follows is derived.
    GoalState,
    /// The list of versions of the handler: it begins with this extension.
    Manifest,
    /// The package.
    Package {
        /// How large it is.
        bytes: u64,
    },
}

impl OperationTarget {
    /// Takes a request of the agent as a sign of how far it is.
    pub(super) fn requested(&mut self, request: Request, now: Timestamp) {
        if self.kind.is_power() || self.state != TargetState::Running {
            return; // a handler's manifest is fetched with every goal state, also before ours
        }
        match request {
            Request::GoalState => self.step_mut(StepName::PickedUp).derived = true,
            Request::Manifest if !self.phase_of(StepName::PickedUp).is_over() => {
                self.derive(StepName::PickedUp, StepPhase::Done, None, now);
                self.derive(self.after_manifest(), StepPhase::Started, None, now);
            }
            Request::Package { bytes } if !self.phase_of(StepName::Downloaded).is_over() => {
                self.derive(StepName::Downloaded, StepPhase::Done, Some(size(bytes)), now);
                let next = if self.kind == OperationKind::Install { StepName::Installed } else { StepName::Updated };
                self.derive(next, StepPhase::Started, None, now);
            }
            Request::Manifest | Request::Package { .. } => {}
        }
    }

    const fn after_manifest(&self) -> StepName {
        match self.kind {
            OperationKind::Install | OperationKind::ChangeVersion => StepName::Downloaded,
            OperationKind::Remove => StepName::Uninstalled,
            _ => StepName::Enabled,
        }
    }

    /// The result is there: the steps that lead to it have been gone through, or one of them failed. An agent that
    /// reports steps may have its result arrive before its last steps; then only the step that failed is told from it.
    pub(super) fn complete_derived(&mut self, report: Option<&HandlerReport>, now: Timestamp) {
        let derives = self.steps.iter().any(|step| step.derived);
        if let Some(step) = report.and_then(|report| self.failed_step(report)) {
            if !self.steps.iter().any(|step| step.phase == StepPhase::Failed) {
                self.derive(step, StepPhase::Failed, None, now);
                self.step_mut(step).derived = derives;
            }
            return;
        }
        if !derives {
            return;
        }
        for step in [StepName::Installed, StepName::Updated] {
            if self.phase_of(step) == StepPhase::Started {
                // install and enable follow each other unseen: what is known is when both were through
                self.derive(step, StepPhase::Done, None, now);
            }
        }
        let last = if self.kind == OperationKind::Remove { StepName::Uninstalled } else { StepName::Enabled };
        self.derive(last, StepPhase::Done, None, now);
    }

    /// The step that the agent's code or the extension's word says went wrong.
    fn failed_step(&self, report: &HandlerReport) -> Option<StepName> {
        if report.handler_failed() {
            return Some(match report.code {
                1001..=1005 => StepName::Downloaded,
                1007 => StepName::Installed,
                1008 => StepName::Updated,
                1010 => StepName::Disabled,
                _ if self.kind == OperationKind::Remove => StepName::Uninstalled,
                _ => StepName::Enabled,
            });
        }
        // the command went well and the extension says that it did not
        report.result.as_ref().filter(|result| result.status == StatusWord::Error).map(|_| StepName::Enabled)
    }

    /// Enable has returned and the extension works on.
    pub(super) fn at_work_derived(&mut self, now: Timestamp) {
        if self.kind != OperationKind::Remove && self.steps.iter().any(|step| step.derived) {
            self.derive(StepName::Enabled, StepPhase::Started, None, now);
        }
    }

    fn derive(&mut self, name: StepName, phase: StepPhase, detail: Option<String>, now: Timestamp) {
        let step = self.step_mut(name);
        if step.phase.is_over() {
            return;
        }
        if phase == StepPhase::Started && step.phase == StepPhase::Started {
            return;
        }
        step.derived = true;
        step.phase = phase;
        let began = *step.started_at.get_or_insert(now);
        if phase.is_over() && step.duration_ms.is_none() {
            step.duration_ms = u64::try_from(now.millis_since(began)).ok();
        }
        step.detail = detail.or_else(|| step.detail.take());
        for other in &mut self.steps {
            match (other.name.cmp(&name), other.phase) {
                (Ordering::Less, StepPhase::Waiting) => other.phase = StepPhase::Skipped,
                (Ordering::Less, StepPhase::Started) => {
                    other.phase = StepPhase::Done;
                    let began = other.started_at;
                    other.duration_ms = other.duration_ms.or_else(|| u64::try_from(now.millis_since(began?)).ok());
                }
                // it was thought to have begun
                (Ordering::Greater, StepPhase::Started) if phase == StepPhase::Failed => {
                    other.phase = StepPhase::Skipped
                }
                _ => {}
            }
        }
    }
}

/// `1.2 MiB`, `14 KiB`.
fn size(bytes: u64) -> String {
    let tenths = bytes * 10 / (1024 * 1024);
    if tenths == 0 { format!("{} KiB", bytes.div_ceil(1024)) } else { format!("{}.{} MiB", tenths / 10, tenths % 10) }
}
