//! Steps of many machines: one row each, one column for each step, slow ones marked.

use domain::{
    operation::{OperationTarget, Step, StepName, StepPhase, TargetView},
    timestamp::Timestamp,
};
use leptos::prelude::*;

use super::{
    span::{span_words, ticking},
    states::TargetChip,
    step_list::{phase_state, phase_words, step_value},
};

/// The steps that any of these targets has, in order: the columns.
pub fn columns(targets: &[TargetView]) -> Vec<StepName> {
    StepName::ALL
        .into_iter()
        .filter(|name| targets.iter().any(|t| t.target.steps.iter().any(|s| s.name == *name)))
        .collect()
}

/// Above this many milliseconds a step of this name is slow: three times the median of the operation, from 3 machines on.
pub fn slow_limit(targets: &[TargetView], name: StepName) -> Option<u64> {
    let mut seen: Vec<u64> = targets
        .iter()
        .flat_map(|t| &t.target.steps)
        .filter(|s| s.name == name && s.phase == StepPhase::Done)
        .filter_map(|s| s.duration_ms)
        .collect();
    seen.sort_unstable();
    (seen.len() >= 3).then(|| (seen[seen.len() / 2] * 3).max(100))
}

/// Time from the click to the end, or so far.
pub fn total_words(target: &OperationTarget, now: Timestamp) -> String {
    span_words(target.accepted_at, target.finished_at.unwrap_or(now)).unwrap_or_default()
}

/// One machine's row. `href` selects it; `selected` marks it.
#[component]
pub fn StepTrackRow(
    /// The machine's part.
    view: TargetView,
    /// Which steps have a column, with the limit above which each is slow.
    columns: Vec<(StepName, Option<u64>)>,
    /// Where its name leads: the same page with its output below.
    href: String,
    /// Its output is shown.
    #[prop(into)]
    selected: Signal<bool>,
    /// When the page's data was made.
    shown: Timestamp,
) -> impl IntoView {
    let now = ticking(shown);
    let name = view.vm_name.to_string();
    let health = view.health;
    let target = view.target;
    let state = target.state;
    let open = target.state.is_open();
    let cells = columns
        .into_iter()
        .map(|(step, limit)| cell(target.steps.iter().find(|s| s.name == step).cloned(), limit, now))
        .collect_view();
    let total = {
        let target = target.clone();
        move || total_words(&target, if open { now() } else { Timestamp::default() })
    };
    view! {
        <tr
            role="row"
            id=format!("m-{}", target.vm_id)
            class:is-open=move || selected.get()
            aria-selected=move || selected.get().then_some("true")
        >
            <td role="cell" class="t-name">
                <a class="name-cell" href=href data-noscroll="true">
                    {name}
                </a>
            </td>
            <td role="cell" class="t-state">
                <TargetChip state health />
            </td>
            {cells}
            <td role="cell" class="num t-meta">
                {total}
            </td>
        </tr>
    }
}

fn cell(step: Option<Step>, limit: Option<u64>, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> impl IntoView {
    let phase = step.as_ref().map_or(StepPhase::Waiting, |s| s.phase);
    let slow = step.as_ref().and_then(|s| s.duration_ms).zip(limit).is_some_and(|(ms, limit)| ms > limit);
    let state = if slow && phase == StepPhase::Done { Some("slow") } else { phase_state(phase) };
    let words = match (phase, slow) {
        (StepPhase::Waiting | StepPhase::Skipped, _) | (StepPhase::Done, false) => String::new(),
        (StepPhase::Done, true) => ", slow".to_owned(),
        (phase, _) => format!(", {}", phase_words(phase)),
    };
    let text = move || match &step {
        Some(step) if phase == StepPhase::Started => step_value(step, now()),
        Some(_) if phase == StepPhase::Skipped => "–".to_owned(),
        Some(step) => step_value(step, Timestamp::default()),
        None => String::new(),
    };
    let unsaid = match phase {
        StepPhase::Waiting => "not started",
        StepPhase::Skipped => "not needed",
        _ => "",
    };
    view! {
        <td role="cell" class="step" data-state=state>
            {text}
            <span class="sr-only">{format!("{unsaid}{words}")}</span>
        </td>
    }
}
