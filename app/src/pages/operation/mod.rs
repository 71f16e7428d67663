//! One operation: its machines, their steps, their output.
//!
//! ```text
//!  /operations/:id?vm=…&stream=…&from=…
//!      detail ◄── read again on Topic::Operation(id)          log ◄── read once for each (id, vm, from), then live
//!        ├─ head, progress, causes, steps, result              └─ log viewer
//! ```

mod actions;
mod log;
mod steps;

use domain::{
    fault::Fault,
    ids::{OperationId, VmId},
    live::Topic,
    operation::{OperationDetail, TargetView},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{
    calls::operations::operation_get,
    components::{
        cause_cluster::CauseClusters, head::StateHead, log_viewer::Shown, run_result::RunResult, span::Took,
        states::TargetChip,
    },
    error::UiError,
    live::use_live,
    paths,
    ui::{Ago, Crumbs, count_of, loaded},
};

/// One operation: its machines, their steps, their output.
#[component]
pub fn OperationPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<OperationId>().ok()));
    let asked = Memo::new(move |_| query.read().get("vm").and_then(|id| id.parse::<VmId>().ok()));
    let from = Memo::new(move |_| query.read().get("from").and_then(|n| n.parse::<u64>().ok()).unwrap_or(0));
    let detail = Resource::new(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => operation_get(id).await,
                None => Err(UiError(Fault::not_found("There is no operation with this id."))),
            }
        },
    );
    use_live(move || id.get().map(Topic::Operation).into_iter().collect(), move || detail.refetch());
    let log = Resource::new(
        move || (id.get(), asked.get(), from.get()),
        move |(_, asked, from)| async move { log::read(detail.await, asked, from).await },
    );
    let selected = StoredValue::new(None::<(OperationId, VmId)>);
    view! {
        <div class="stack !gap-4">
            {loaded(
                detail,
                move |detail| {
                    // whoever was shown first stays shown, even when another machine fails meanwhile
                    let operation = detail.summary.operation.id;
                    let kept = selected.get_value().filter(|(of, _)| *of == operation).map(|(_, vm)| vm);
                    let first = kept.or_else(|| log::first_choice(&detail.targets));
                    selected.set_value(first.map(|vm| (operation, vm)));
                    let selected = Signal::derive(move || asked.get().or(first));
                    view! { <Detail detail selected /> }.into_any()
                },
            )}
            {loaded(
                log,
                move |log| {
                    let exit_code = Signal::derive(move || {
                        let vm = log_vm(&detail, asked.get());
                        vm.and_then(|view| view.target.exit_code)
                    });
                    log.map(|log| view! { <log::LogSection log exit_code /> }).into_any()
                },
            )} {result_section(detail, asked)}
        </div>
    }
}

/// The machine whose output is shown.
fn log_vm(detail: &Resource<Result<OperationDetail, UiError>>, asked: Option<VmId>) -> Option<TargetView> {
    let detail = detail.get()?.ok()?;
    let vm = asked.or_else(|| log::first_choice(&detail.targets))?;
    detail.targets.into_iter().find(|t| t.target.vm_id == vm)
}

fn result_section(detail: Resource<Result<OperationDetail, UiError>>, asked: Memo<Option<VmId>>) -> impl IntoView {
    view! {
        <Transition>
            {move || log_vm(&detail, asked.get()).map(|view| view! { <RunResult view /> })}
        </Transition>
    }
}

#[component]
fn Detail(detail: OperationDetail, selected: Signal<Option<VmId>>) -> impl IntoView {
    let operation = detail.summary.operation.id;
    let href = Callback::new(move |vm: VmId| log::address(operation, Some(vm), Shown::Both, 0));
    view! {
        <Head detail=detail.clone() />
        <steps::Progress detail=detail.clone() selected href />
        <CauseClusters targets=detail.targets.clone() href />
        <steps::Steps detail selected href />
    }
}

#[component]
fn Head(detail: OperationDetail) -> impl IntoView {
    let summary = &detail.summary;
    let state = summary.state;
    let chip = match detail.targets.as_slice() {
        [only] => view! { <TargetChip state health=only.health large=true /> }.into_any(),
        _ => view! { <TargetChip state large=true /> }.into_any(),
    };
    let operation = summary.operation.clone();
    let wherever = match detail.targets.as_slice() {
        [only] => {
            let vm = paths::vm(only.target.vm_id);
            let name = only.vm_name.to_string();
            view! {
                <span>
                    "on " <a class="quiet-link" href=vm>
                        {name}
                    </a>
                </span>
            }
            .into_any()
        }
        many => {
            let words = count_of(u64::try_from(many.len()).unwrap_or(0), "machine", "machines");
            view! { <span>{words}</span> }.into_any()
        }
    };
    let facts = view! {
        {wherever}
        <span>{format!("by {}", operation.actor)}</span>
        <span>
            <Ago at=operation.accepted_at />
        </span>
        <span>
            {if summary.finished_at.is_some() { "took " } else { "for " }}
            <Took from=operation.accepted_at to=summary.finished_at shown=detail.now />
        </span>
        {operation
            .retry_of
            .map(|id| {
                view! {
                    <span>
                        "takes up " <a class="quiet-link" href=paths::operation(id)>
                            "an earlier one"
                        </a>
                    </span>
                }
            })}
    };
    view! {
        <div>
            <Crumbs
                above=vec![(paths::OPERATIONS.to_owned(), "Operations".to_owned())]
                here=operation.title()
            />
            <StateHead
                title=operation.title()
                chips=chip
                facts=facts.into_any()
            >
                <actions::Actions detail />
            </StateHead>
        </div>
    }
}
