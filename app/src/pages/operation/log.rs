//! The output of one machine of an operation: which machine, and from where on.

use domain::{
    fault::Fault,
    ids::{OperationId, VmId},
    operation::{OperationDetail, TargetState, TargetView},
    run_output::RunOutput,
};
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use serde::{Deserialize, Serialize};

use crate::{
    calls::operations::operation_output,
    components::log_viewer::{LogViewer, Shown},
    error::UiError,
    paths,
};

/// Output of one machine as far as the server had it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Log {
    operation: OperationId,
    vm: VmId,
    name: String,
    from: u64,
    output: RunOutput,
}

/// Whose output to show when nobody was chosen: the first that failed, else the first that runs, else the first.
pub fn first_choice(targets: &[TargetView]) -> Option<VmId> {
    let of = |wanted: fn(TargetState) -> bool| targets.iter().find(|t| wanted(t.target.state));
    of(TargetState::is_bad)
        .or_else(|| of(|s| s == TargetState::Running))
        .or_else(|| targets.first())
        .map(|t| t.target.vm_id)
}

/// Reads the output that the address asks for; `None` for operations without output (power).
pub async fn read(
    detail: Result<OperationDetail, UiError>,
    asked: Option<VmId>,
    from: u64,
) -> Result<Option<Log>, UiError> {
    // the page says what is wrong with the operation itself
    let Ok(detail) = detail else { return Ok(None) };
    let Some(vm) = asked.or_else(|| first_choice(&detail.targets)) else { return Ok(None) };
    let Some(view) = detail.targets.iter().find(|t| t.target.vm_id == vm) else {
        return Err(
            Fault::not_found("That machine has no part in this operation. Choose one of the machines above.").into()
        );
    };
    if view.target.kind.is_power() {
        return Ok(None);
    }
    let (operation, name) = (detail.summary.operation.id, view.vm_name.to_string());
    let output = operation_output(operation, vm, from).await?;
    Ok(Some(Log { operation, vm, name, from, output }))
}

/// The log viewer of the chosen machine.
#[component]
pub fn LogSection(
    /// What was read.
    log: Log,
    /// Exit code, once there is one.
    exit_code: Signal<Option<i64>>,
) -> impl IntoView {
    let query = use_query_map();
    let shown = Memo::new(move |_| Shown::parse(&query.read().get("stream").unwrap_or_default()));
    // another machine is another viewer: rows that the browser added must not stay
    view! {
        <For each=move || std::iter::once(log.clone()) key=|log| (log.vm, log.from) let:log>
            {viewer(log, query, shown, exit_code)}
        </For>
    }
}

fn viewer(log: Log, query: Memo<ParamsMap>, shown: Memo<Shown>, exit_code: Signal<Option<i64>>) -> impl IntoView {
    let (operation, vm) = (log.operation, log.vm);
    // the address names the machine only when somebody chose it: filtering alone reads nothing again
    let asked = Memo::new(move |_| query.read().get("vm").and_then(|id| id.parse::<VmId>().ok()));
    let href = move |shown: Shown| address(operation, asked.get(), shown, 0);
    let more = move |from: u64| address(operation, Some(vm), shown.get_untracked(), from);
    view! {
        <LogViewer
            operation
            vm
            heading=format!("Output of {}", log.name)
            first=log.output
            shown
            href=Callback::new(href)
            more=Callback::new(more)
            exit_code
        />
    }
}

/// The address of an operation's page that shows this output.
pub fn address(operation: OperationId, vm: Option<VmId>, shown: Shown, from: u64) -> String {
    let vm = vm.map(|vm| vm.to_string()).unwrap_or_default();
    let from = if from == 0 { String::new() } else { from.to_string() };
    paths::with_query(&paths::operation(operation), &[("vm", &vm), ("stream", shown.code()), ("from", &from)])
}
