//! The history of runs.

use domain::{
    operation::{OperationKind, TargetView},
    timestamp::Timestamp,
};
use leptos::prelude::*;

use crate::{
    components::{
        span::Took,
        states::{TargetChip, target_look},
    },
    paths,
    ui::{Ago, StateChip},
};

/// One row a run, newest first.
#[component]
pub fn Runs(
    /// The runs.
    runs: Vec<TargetView>,
    /// When the page's data was made.
    now: Timestamp,
) -> impl IntoView {
    let count = runs.len();
    let rows = runs.into_iter().map(|run| row(run, now)).collect_view();
    (count > 0).then(|| {
        view! {
            <section class="card" aria-labelledby="runs-heading">
                <div class="card-head">
                    <h2 id="runs-heading">
                        "Runs" <span class="count">{count}</span>
                    </h2>
                </div>
                <div class="table-wrap" tabindex="0" role="region" aria-label="History of runs">
                    <table role="table" class="virtual-table is-list">
                        <thead role="rowgroup">
                            <tr role="row">
                                <th role="columnheader" scope="col">
                                    "What"
                                </th>
                                <th role="columnheader" scope="col">
                                    "Result"
                                </th>
                                <th role="columnheader" scope="col">
                                    "Sequence"
                                </th>
                                <th role="columnheader" scope="col">
                                    "Version"
                                </th>
                                <th role="columnheader" scope="col">
                                    "Who"
                                </th>
                                <th role="columnheader" scope="col" class="num">
                                    "Took"
                                </th>
                                <th role="columnheader" scope="col" class="num">
                                    "When"
                                </th>
                            </tr>
                        </thead>
                        <tbody role="rowgroup">{rows}</tbody>
                    </table>
                </div>
            </section>
        }
    })
}

/// What was done, in a word or two.
pub const fn kind_words(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Install => "Installed",
        OperationKind::ChangeSettings => "Settings changed",
        OperationKind::RunAgain => "Run again",
        OperationKind::ChangeVersion => "Version changed",
        OperationKind::RollBack => "Rolled back",
        OperationKind::Remove => "Removed",
        OperationKind::Power(_) => "Power",
    }
}

fn row(run: TargetView, now: Timestamp) -> impl IntoView {
    let target = run.target;
    let result = match target.exit_code {
        // the exit code says more than the state
        Some(code) if !target.state.is_open() => {
            let (state, icon) = target_look(target.state);
            view! { <StateChip state icon label=format!("Exit {code}") quiet=code == 0 /> }.into_any()
        }
        _ => view! { <TargetChip state=target.state health=run.health /> }.into_any(),
    };
    view! {
        <tr role="row">
            <td role="cell" class="t-name">
                <a class="name-cell" href=paths::operation(target.operation_id)>
                    {kind_words(target.kind)}
                </a>
            </td>
            <td role="cell" class="t-state">
                {result}
            </td>
            <td role="cell">{target.sequence_number.map(|n| n.to_string())}</td>
            <td role="cell" class="mono">
                {target.version.map(|v| v.to_string())}
            </td>
            <td role="cell" class="t-meta">
                {run.operation.actor}
            </td>
            <td role="cell" class="num text-muted">
                <Took from=target.accepted_at to=target.finished_at shown=now />
            </td>
            <td role="cell" class="num t-meta text-muted">
                <Ago at=target.accepted_at />
            </td>
        </tr>
    }
}
