//! The steps of one run in one row, large: what happened, and how many milliseconds each part took.

use domain::{
    operation::{OperationTarget, Step, StepName, StepPhase},
    timestamp::Timestamp,
};
use leptos::prelude::*;

use super::span::ticking;
use crate::ui::millis;

/// The number or word of a step: how long it took, how long it has been going on, or why there is no number.
pub fn step_value(step: &Step, now: Timestamp) -> String {
    match (step.phase, step.duration_ms) {
        (StepPhase::Waiting, _) => String::new(),
        (StepPhase::Skipped, _) => "not needed".to_owned(),
        (StepPhase::Started, _) => match step.started_at.map(|at| now.millis_since(at)) {
            Some(ms) if ms > 0 => format!("{}…", millis(ms.unsigned_abs())),
            _ => "…".to_owned(),
        },
        (_, Some(ms)) => millis(ms),
        (StepPhase::Done, None) => "done".to_owned(),
        (StepPhase::Failed, None) => "failed".to_owned(),
    }
}

/// How a step stands, for people who hear the page.
pub const fn phase_words(phase: StepPhase) -> &'static str {
    match phase {
        StepPhase::Waiting => "not started",
        StepPhase::Started => "running",
        StepPhase::Done => "done",
        StepPhase::Failed => "failed",
        StepPhase::Skipped => "not needed",
    }
}

/// `data-state` of a step; nothing for one that has not begun.
pub const fn phase_state(phase: StepPhase) -> Option<&'static str> {
    match phase {
        StepPhase::Waiting => None,
        StepPhase::Started => Some("running"),
        StepPhase::Done => Some("ready"),
        StepPhase::Failed => Some("failed"),
        StepPhase::Skipped => Some("skipped"),
    }
}

/// Where a run stands now: the failed step, else the running one.
pub fn current_step(steps: &[Step]) -> Option<StepName> {
    let of = |phase| steps.iter().find(|s| s.phase == phase).map(|s| s.name);
    of(StepPhase::Failed).or_else(|| of(StepPhase::Started))
}

/// All steps of one target.
#[component]
pub fn StepList(
    /// Whose steps.
    target: OperationTarget,
    /// When the page's data was made.
    shown: Timestamp,
) -> impl IntoView {
    let now = ticking(shown);
    let current = current_step(&target.steps);
    let derived = target.steps.iter().any(|s| s.derived);
    let steps = target.steps.into_iter().map(move |step| one_step(step, current, now)).collect_view();
    view! {
        <ol class="step-list grid-flow-col auto-cols-fr !grid-cols-none" aria-label="Steps">{steps}</ol>
        {derived
            .then(|| {
                view! {
                    <p class="field-hint mt-3">
                        "Steps with ≈ were seen from the machine's requests; its agent does not report them itself."
                    </p>
                }
            })}
    }
}

fn one_step(
    step: Step,
    current: Option<StepName>,
    now: impl Fn() -> Timestamp + Send + Sync + 'static,
) -> impl IntoView {
    let is_current = (current == Some(step.name)).then_some("step");
    let detail = step.detail.clone();
    let (name, phase, derived) = (step.name.label(), step.phase, step.derived);
    let words = phase_words(phase);
    let value = move || {
        let now = if phase == StepPhase::Started { now() } else { Timestamp::default() };
        let value = step_value(&step, now);
        if derived && !value.is_empty() { format!("≈ {value}") } else { value }
    };
    view! {
        <li data-state=phase_state(phase) aria-current=is_current>
            <b class="min-h-5">{value}</b>
            {name}
            <span class="sr-only">{format!(", {words}")}</span>
            {detail.map(|detail| view! { <span class="block text-subtle">{detail}</span> })}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_step_counts_and_a_finished_one_stands() {
        let mut step = Step::waiting(StepName::Enabled);
        let now = Timestamp::from_millis(5_000);
        assert_eq!(step_value(&step, now), "");
        (step.phase, step.started_at) = (StepPhase::Started, Some(Timestamp::from_millis(3_600)));
        assert_eq!(step_value(&step, now), "1.4 s…");
        assert_eq!(step_value(&step, Timestamp::from_millis(0)), "…", "a machine's clock may be ahead");
        (step.phase, step.duration_ms) = (StepPhase::Failed, Some(31));
        assert_eq!(step_value(&step, now), "31 ms");
    }
}
