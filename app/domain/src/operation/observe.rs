//! The pure step: a target and an observation give the target that follows, or nothing when nothing changes.

use super::{OperationKind, OperationTarget, Request, StepName, StepPhase, TargetState};
use crate::{
    fault::{Fault, FaultKind},
    generation::Incarnation,
    ids::OperationId,
    status::{HandlerReport, StatusWord, explain_agent_code, headline},
    timestamp::Timestamp,
    vm::PowerAction,
};

/// Something seen that may move a target.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// The machine fetched this goal state.
    GoalStateServed {
        /// Its number.
        incarnation: Incarnation,
    },
    /// An agent that reports no steps asked for something.
    Requested(Request),
    /// The agent reported a step of the run at this incarnation.
    Step {
        /// The goal state of the run.
        incarnation: Incarnation,
        /// Which step.
        name: StepName,
        /// How it stands.
        phase: StepPhase,
        /// When; a machine's clock that is wrong was put right.
        at: Timestamp,
        /// How long it took.
        duration_ms: Option<u64>,
        /// A word more.
        detail: Option<String>,
    },
    /// A status document arrived; `None`: the handler is not in it.
    Reported {
        /// The goal state that it is about.
        incarnation: Option<Incarnation>,
        /// What it says about this extension.
        report: Option<Box<HandlerReport>>,
    },
    /// The machine's power changed, or could not be changed.
    Power {
        /// It went through this much of the action.
        step: StepName,
        /// What went wrong.
        error: Option<String>,
    },
    /// A person withdraws it.
    CancelRequested,
    /// A newer change replaces it.
    Superseded {
        /// The newer operation.
        by: OperationId,
    },
    /// The machine was removed from the portal.
    MachineRemoved,
    /// Time went by.
    Tick {
        /// What a clock shows that was never set while this ran.
        at: Timestamp,
    },
}

impl OperationTarget {
    /// What follows from an observation at `now`; `None` when nothing changes. Terminal states never change.
    #[must_use]
    pub fn observe(&self, seen: &Observation, now: Timestamp) -> Option<Self> {
        if !self.state.is_open() {
            return None;
        }
        let mut next = self.clone();
        match seen {
            Observation::GoalStateServed { incarnation } => next.served(*incarnation, now),
            Observation::Requested(request) => next.requested(*request, now),
            Observation::Step { incarnation, name, phase, at, duration_ms, detail } => {
                next.stepped(*incarnation, (*name, *phase), *at, *duration_ms, detail.as_deref(), now);
            }
            Observation::Reported { incarnation, report } => next.reported(*incarnation, report.as_deref(), now),
            Observation::Power { step, error } => next.powered(*step, error.as_deref(), now),
            Observation::CancelRequested if self.cancel_allowed().is_ok() => {
                next.finish(TargetState::Canceled, "Withdrawn before the machine began.", None, now);
            }
            Observation::Superseded { by } if self.state == TargetState::Queued => {
                next.finish(
                    TargetState::Superseded,
                    &format!("Replaced by a newer change before the machine began ({by})."),
                    None,
                    now,
                );
            }
            Observation::MachineRemoved => {
                let state = if self.state == TargetState::Queued { TargetState::Canceled } else { TargetState::Failed };
                next.finish(state, "The machine was removed.", None, now);
            }
            Observation::Tick { at } => next.ticked(*at, now),
            Observation::CancelRequested | Observation::Superseded { .. } => {}
        }
        (next != *self).then_some(next)
    }

    fn served(&mut self, incarnation: Incarnation, now: Timestamp) {
        if self.kind.is_power() || incarnation < self.incarnation || self.state != TargetState::Queued {
            return;
        }
        self.state = TargetState::Running;
        self.picked_up_at = Some(now);
        self.message = "The machine has begun.".into();
        let waited = u64::try_from(now.millis_since(self.accepted_at)).unwrap_or(0);
        let accepted = self.accepted_at;
        let queued = self.step_mut(StepName::Queued);
        (queued.phase, queued.started_at, queued.duration_ms) = (StepPhase::Done, Some(accepted), Some(waited));
        let picked = self.step_mut(StepName::PickedUp);
        if picked.phase == StepPhase::Waiting {
            (picked.phase, picked.started_at) = (StepPhase::Started, Some(now));
        }
    }

    fn stepped(
        &mut self,
        incarnation: Incarnation,
        (name, phase): (StepName, StepPhase),
        at: Timestamp,
        duration_ms: Option<u64>,
        detail: Option<&str>,
        now: Timestamp,
    ) {
        if self.kind.is_power() || incarnation < self.incarnation {
            return;
        }
        self.served(incarnation, now); // a run that has steps was picked up, whatever was lost before
        let step = self.step_mut(name);
        if step.phase.is_over() {
            return; // repeats and stragglers
        }
        step.phase = phase;
        let began_here = step.started_at;
        step.started_at = began_here.or(Some(at));
        step.duration_ms = duration_ms.or(step.duration_ms);
        if name == StepName::PickedUp && phase == StepPhase::Done {
            // the server saw it begin and sees it end
            step.duration_ms = step.duration_ms.or_else(|| u64::try_from(now.millis_since(began_here?)).ok());
        }
        step.detail = detail.map(headline).or_else(|| step.detail.take());
        if matches!(name, StepName::Enabled | StepName::Uninstalled) && phase.is_over() {
            let reported = self.step_mut(StepName::Reported);
            if reported.phase == StepPhase::Waiting {
                (reported.phase, reported.started_at) = (StepPhase::Started, Some(now));
            }
        }
        for earlier in &mut self.steps {
            // what the machine had no need of
            if earlier.name < name && earlier.phase == StepPhase::Waiting {
                earlier.phase = StepPhase::Skipped;
            }
        }
    }

    fn reported(&mut self, incarnation: Option<Incarnation>, report: Option<&HandlerReport>, now: Timestamp) {
        if self.kind.is_power() {
            return;
        }
        // Either the document is about our goal state, or the agent's own steps say that this run has come so far.
        let processed = incarnation.is_some_and(|i| i >= self.incarnation);
        let run_over = [StepName::Enabled, StepName::Uninstalled].into_iter().any(|s| self.phase_of(s).is_over())
            || self.steps.iter().any(|s| s.phase == StepPhase::Failed);
        if !processed && !run_over {
            return;
        }
        if let Some(incarnation) = incarnation.filter(|_| processed) {
            self.served(incarnation, now);
        }
        match (self.kind, report) {
            (OperationKind::Remove, None) if processed || self.phase_of(StepName::Uninstalled).is_over() => {
                self.complete_derived(None, now);
                self.finish(TargetState::Succeeded, "Removed.", None, now);
            }
            (_, Some(report)) if report.handler_failed() => self.failed_handler(report, now),
            (OperationKind::Remove, _) | (_, None) => {}
            (_, Some(report)) => self.judge_result(report, now),
        }
    }

    /// The agent gave up. If the handler wrote why, that comes first (extension model, section 12).
    fn failed_handler(&mut self, report: &HandlerReport, now: Timestamp) {
        let own = report
            .result
            .as_ref()
            .filter(|r| Some(r.sequence_number) == self.sequence_number && r.status == StatusWord::Error);
        self.complete_derived(Some(report), now);
        let (what, advice) =
            explain_agent_code(report.code).unwrap_or(("The agent gave up", "Read the message and run it again."));
        let said = own.map_or(report.message.as_str(), |r| r.message.as_str());
        self.exit_code = own.and_then(super::super::status::ExtensionResult::exit_code).or(self.exit_code);
        let mut fault = Fault::new(
            FaultKind::Conflict,
            "VMExtensionHandlerNonTransientError",
            format!("{what} (agent code {}). {advice}", report.code),
        );
        fault.details = vec![Fault::new(FaultKind::Conflict, "HandlerMessage", said)];
        self.finish(TargetState::Failed, &format!("{what}."), Some(fault), now);
    }

    fn judge_result(&mut self, report: &HandlerReport, now: Timestamp) {
        if self.version.is_some() && report.version.is_some() && report.version != self.version {
            return; // still about the version before
        }
        let Some(result) = &report.result else { return };
        if Some(result.sequence_number) != self.sequence_number {
            return; // still about the settings before
        }
        // A version change runs nothing: the result of the run before it is carried over, good or bad, and is not its own.
        if self.kind == OperationKind::ChangeVersion && result.status.is_terminal() && report.state == "Ready" {
            self.complete_derived(None, now);
            let kept = headline(&result.message);
            let message = match result.status {
                StatusWord::Error => format!("The version is in place. The last run still stands as failed: {kept}"),
                _ => kept,
            };
            return self.finish(TargetState::Succeeded, &message, None, now);
        }
        if result.status.is_terminal() {
            self.complete_derived(Some(report), now);
        } else {
            self.at_work_derived(now);
        }
        self.exit_code = result.exit_code().or(self.exit_code);
        match result.status {
            StatusWord::Success => self.finish(TargetState::Succeeded, &headline(&result.message), None, now),
            StatusWord::Error => {
                let advice = match self.exit_code {
                    Some(code) if code != 0 => format!(
                        "The script ended with exit code {code}. Its output is below; mend the cause, then run it again or change the settings."
                    ),
                    _ => "The extension reported an error. Its message is below; mend the cause, then run it again."
                        .to_owned(),
                };
                let mut fault = Fault::new(FaultKind::Conflict, "VMExtensionProvisioningError", advice);
                fault.details = vec![Fault::new(FaultKind::Conflict, "HandlerMessage", result.message.clone())];
                self.finish(TargetState::Failed, &headline(&result.message), Some(fault), now);
            }
            StatusWord::Transitioning | StatusWord::Warning => self.message = headline(&result.message),
        }
    }

    fn powered(&mut self, step: StepName, error: Option<&str>, now: Timestamp) {
        let OperationKind::Power(action) = self.kind else { return };
        let begun = self.picked_up_at.unwrap_or(self.accepted_at);
        self.state = TargetState::Running;
        self.picked_up_at = Some(begun);
        let queued = self.step_mut(StepName::Queued);
        if !queued.phase.is_over() {
            (queued.phase, queued.duration_ms) = (StepPhase::Done, Some(0));
        }
        if let Some(error) = error {
            self.step_mut(step).phase = StepPhase::Failed;
            let fault = Fault::new(FaultKind::Unavailable, "PowerActionFailed", error);
            self.finish(TargetState::Failed, error, Some(fault), now);
            return;
        }
        let done = self.step_mut(step);
        done.phase = StepPhase::Done;
        done.started_at = done.started_at.or(Some(begun));
        done.duration_ms = u64::try_from(now.millis_since(begun)).ok();
        let last = if action == PowerAction::Stop { StepName::PoweredOff } else { StepName::PoweredOn };
        if step == last {
            self.finish(
                TargetState::Succeeded,
                if action == PowerAction::Stop { "Stopped." } else { "Running." },
                None,
                now,
            );
        }
    }

    fn ticked(&mut self, at: Timestamp, now: Timestamp) {
        if self.state == TargetState::Running && self.deadline().is_some_and(|deadline| at > deadline) {
            let fault = Fault::new(
                FaultKind::Conflict,
                "VMExtensionProvisioningTimeout",
                "No result within 90 minutes. The script hangs, waits for input, or its machine went away. Look at the last lines below, then run it again.",
            );
            self.finish(TargetState::TimedOut, "No result within 90 minutes.", Some(fault), now);
        }
    }

    fn finish(&mut self, state: TargetState, message: &str, fault: Option<Fault>, now: Timestamp) {
        self.state = state;
        self.message = message.to_owned();
        self.fault = fault;
        self.finished_at = Some(now);
        let well = state == TargetState::Succeeded;
        for step in &mut self.steps {
            if step.phase == StepPhase::Started && step.name != StepName::Reported {
                step.phase = if well { StepPhase::Done } else { StepPhase::Failed };
                step.duration_ms = step.duration_ms.or_else(|| u64::try_from(now.millis_since(step.started_at?)).ok());
            }
        }
        if !self.kind.is_power()
            && self.picked_up_at.is_some()
            && matches!(state, TargetState::Succeeded | TargetState::Failed)
        {
            let reported = self.step_mut(StepName::Reported);
            let waited = reported.started_at.map_or(0, |since| now.millis_since(since));
            (reported.phase, reported.duration_ms) = (StepPhase::Done, u64::try_from(waited).ok());
            reported.started_at = reported.started_at.or(Some(now));
        }
        for step in &mut self.steps {
            if step.phase == StepPhase::Waiting {
                step.phase = StepPhase::Skipped;
            }
        }
    }
}
