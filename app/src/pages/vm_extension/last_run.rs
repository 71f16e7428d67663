//! The newest run: its steps, and its output line by line.

use domain::{
    extension::ExtensionDetail,
    ids::{OperationId, VmId},
    name::ExtensionName,
    operation::TargetView,
    run_output::RunOutput,
    timestamp::Timestamp,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    calls::operations::operation_output,
    components::{
        log_viewer::{LogViewer, Shown},
        span::Took,
        states::TargetChip,
        step_list::StepList,
    },
    error::UiError,
    paths,
    ui::{Ago, loaded},
};

/// Its steps. Nothing before the first run.
#[component]
pub fn LastRun(
    /// The newest run.
    run: Option<TargetView>,
    /// When the page's data was made.
    now: Timestamp,
) -> impl IntoView {
    run.map(|run| {
        let target = run.target.clone();
        let exit = target.exit_code.map(|code| format!("exit code {code}"));
        view! {
            <section class="card" aria-labelledby="last-run-heading">
                <div class="card-head">
                    <h2 id="last-run-heading">
                        <a class="quiet-link" href=paths::operation(target.operation_id)>
                            "Last run"
                        </a>
                        <span class="count dot-sep">
                            <span>
                                <Ago at=target.accepted_at />
                            </span>
                            <span>{format!("by {}", run.operation.actor)}</span>
                            <span>
                                <Took from=target.accepted_at to=target.finished_at shown=now />
                            </span>
                            {exit.map(|exit| view! { <span>{exit}</span> })}
                        </span>
                    </h2>
                    <TargetChip state=target.state health=run.health />
                </div>
                <div class="card-body">
                    <StepList target shown=now />
                </div>
            </section>
        }
    })
}

/// The output of the newest run; a newer run takes its place.
#[component]
pub fn LastOutput(
    /// The extension.
    detail: Resource<Result<ExtensionDetail, UiError>>,
    /// Machine and name in the address.
    target: Memo<Option<(VmId, ExtensionName)>>,
) -> impl IntoView {
    let output = Resource::new(
        move || target.get(),
        move |_| async move {
            // the page says what is wrong with the extension itself
            let Ok(detail) = detail.await else { return Ok(None) };
            let Some(run) = detail.runs.first() else { return Ok(None) };
            let (operation, vm) = (run.target.operation_id, run.target.vm_id);
            Ok::<_, UiError>(Some((operation, vm, operation_output(operation, vm, 0).await?)))
        },
    );
    let newest = move || detail.get().and_then(Result::ok).and_then(|d| d.runs.first().map(|r| r.target.operation_id));
    Effect::new(move |before: Option<Option<OperationId>>| {
        let now = newest();
        if before.flatten().is_some_and(|before| now != Some(before)) {
            output.refetch();
        }
        now
    });
    let query = use_query_map();
    let shown = Memo::new(move |_| Shown::parse(&query.read().get("stream").unwrap_or_default()));
    loaded(output, move |found| {
        let exit_code = Signal::derive(move || {
            detail.get().and_then(Result::ok).and_then(|d| d.runs.first().and_then(|r| r.target.exit_code))
        });
        match found {
            None => ().into_any(),
            Some(found) => view! {
                <For each=move || std::iter::once(found.clone()) key=|(operation, ..)| *operation let:found>
                    {viewer(found, target, shown, exit_code)}
                </For>
            }
            .into_any(),
        }
    })
}

fn viewer(
    (operation, vm, first): (OperationId, VmId, RunOutput),
    target: Memo<Option<(VmId, ExtensionName)>>,
    shown: Memo<Shown>,
    exit_code: Signal<Option<i64>>,
) -> impl IntoView {
    let href = move |shown: Shown| {
        let page = target.get_untracked().map(|(vm, name)| paths::vm_extension(vm, &name)).unwrap_or_default();
        paths::with_query(&page, &[("stream", shown.code())])
    };
    let more = move |from: u64| paths::with_query(&paths::operation(operation), &[("from", &from.to_string())]);
    view! {
        <LogViewer
            operation
            vm
            heading="Output"
            first
            shown
            href=Callback::new(href)
            more=Callback::new(more)
            exit_code
        />
    }
}
