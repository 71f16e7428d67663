//! The machines of an operation and their steps: squares and counters for many, the steps in large for one.

use domain::{
    ids::VmId,
    operation::{OperationDetail, TargetState, TargetView},
    timestamp::Timestamp,
};
use leptos::prelude::*;

use crate::{
    components::{
        states::{TargetChip, target_look},
        step_list::StepList,
        step_track::{StepTrackRow, columns, slow_limit},
    },
    ui::{Icon, StateChip},
};

/// One square for each machine, and how many stand where. Nothing for a single machine.
#[component]
pub fn Progress(
    /// The operation.
    detail: OperationDetail,
    /// Whose output is shown.
    #[prop(into)]
    selected: Signal<Option<VmId>>,
    /// The address that shows a machine's output.
    href: Callback<VmId, String>,
) -> impl IntoView {
    (detail.targets.len() > 1).then(|| {
        let counts = detail.summary.counts.clone();
        let rows = if detail.targets.len() <= 12 { "wave-cells rows-1" } else { "wave-cells" };
        let cells = detail.targets.iter().map(|view| square(view, selected, href)).collect_view();
        let done = counts.iter().filter(|(s, _)| !s.is_open()).map(|(_, n)| n).sum::<u32>();
        let total = detail.targets.len();
        view! {
            <section class="card" aria-label="Progress">
                <div class="grid lg:grid-cols-[minmax(0,1fr)_auto]">
                    <div class="bar-waves !p-5" aria-label="One square per machine" role="group" tabindex="0">
                        <div class="wave">
                            <div class=rows>{cells}</div>
                            <p class="wave-label">
                                <b>{format!("{done} of {total} done")}</b>
                            </p>
                        </div>
                    </div>
                    <Counters counts />
                </div>
            </section>
        }
    })
}

fn square(view: &TargetView, selected: Signal<Option<VmId>>, href: Callback<VmId, String>) -> impl IntoView + use<> {
    let id = view.target.vm_id;
    let (look, icon) = target_look(view.target.state);
    let spin = if icon == "arc" { "icon-12 spin" } else { "icon-12" };
    // what has not begun is an empty square
    let look = if view.target.state == TargetState::Queued { "todo" } else { look };
    view! {
        <a
            class="wave-cell"
            data-state=look
            href=href.run(id)
            data-noscroll="true"
            aria-label=format!("{}, {}", view.vm_name, view.target.state.label())
            aria-current=move || (selected.get() == Some(id)).then_some("true")
        >
            <Icon name=icon class=spin />
        </a>
    }
}

#[component]
fn Counters(counts: Vec<(TargetState, u32)>) -> impl IntoView {
    let items = counts
        .into_iter()
        .map(|(state, number)| {
            let (look, icon) = target_look(state);
            view! {
                <li class="grid content-center px-4 lg:px-5 py-3">
                    <b class="text-big font-semibold tracking-tight">{number}</b>
                    <StateChip state=look icon label=state.label() quiet=true />
                </li>
            }
        })
        .collect_view();
    view! { <ul class="flex flex-wrap max-lg:border-t lg:border-s border-line">{items}</ul> }
}

/// Steps: a table of many machines, or the list of one.
#[component]
pub fn Steps(
    /// The operation.
    detail: OperationDetail,
    /// Whose output is shown.
    #[prop(into)]
    selected: Signal<Option<VmId>>,
    /// The address that shows a machine's output.
    href: Callback<VmId, String>,
) -> impl IntoView {
    let shown = detail.now;
    let mut targets = detail.targets;
    match (targets.len(), targets.pop()) {
        (1, Some(only)) => view! { <OneMachine view=only shown /> }.into_any(),
        (_, last) => {
            targets.extend(last);
            view! { <ManyMachines targets selected href shown /> }.into_any()
        }
    }
}

#[component]
fn OneMachine(view: TargetView, shown: Timestamp) -> impl IntoView {
    let (state, health) = (view.target.state, view.health);
    let vm = crate::paths::vm(view.target.vm_id);
    let message = view.target.message.clone();
    view! {
        <section class="card" aria-labelledby="steps-heading">
            <div class="card-head">
                <h2 id="steps-heading">
                    "Steps on " <a class="quiet-link" href=vm>
                        {view.vm_name.to_string()}
                    </a>
                </h2>
                <TargetChip state health />
            </div>
            <div class="card-body">
                <StepList target=view.target shown />
                {(!message.is_empty()).then(|| view! { <p class="hint mt-3">{message}</p> })}
            </div>
        </section>
    }
}

#[component]
fn ManyMachines(
    targets: Vec<TargetView>,
    selected: Signal<Option<VmId>>,
    href: Callback<VmId, String>,
    shown: Timestamp,
) -> impl IntoView {
    let columns: Vec<_> = columns(&targets).into_iter().map(|name| (name, slow_limit(&targets, name))).collect();
    let begun = targets.iter().filter(|t| t.target.state != TargetState::Queued).count();
    let total = targets.len();
    let any_limit = columns.iter().any(|(_, limit)| limit.is_some());
    let heads = columns
        .iter()
        .map(|(name, _)| {
            view! {
                <th role="columnheader" scope="col" class="step">
                    {name.label()}
                </th>
            }
        })
        .collect_view();
    let rows = targets
        .into_iter()
        .map(|view| {
            let id = view.target.vm_id;
            let is_selected = Signal::derive(move || selected.get() == Some(id));
            view! { <StepTrackRow view columns=columns.clone() href=href.run(id) selected=is_selected shown /> }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="machines-heading">
            <div class="card-head">
                <h2 id="machines-heading">
                    "Machines" <span class="count">{format!("{begun} of {total} started")}</span>
                </h2>
            </div>
            <div class="table-wrap" tabindex="0" role="region" aria-label="Steps per machine">
                <table role="table" class="virtual-table step-track is-list">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader" scope="col">
                                "Machine"
                            </th>
                            <th role="columnheader" scope="col">
                                "State"
                            </th>
                            {heads}
                            <th role="columnheader" scope="col" class="num">
                                "Total"
                            </th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{rows}</tbody>
                </table>
            </div>
            {any_limit
                .then(|| {
                    view! {
                        <p class="table-note">"A slow step, marked amber, took over three times the median of this operation."</p>
                    }
                })}
        </section>
    }
}
