//! What can be done with an operation: try again where it failed, withdraw what has not begun.

use domain::operation::{OperationDetail, TargetState};
use leptos::prelude::*;

use crate::{
    calls::operations::{OperationCancel, OperationRetry},
    components::{
        call_form::{CallForm, FormCall},
        confirm::Confirm,
        show_as::{ShowAs, portal_only},
        states::target_look,
    },
    error::{FaultLine, action_fault},
    ui::{StateChip, SubmitButton, SubmitKind, count_of},
};

/// The buttons of the page's head.
#[component]
pub fn Actions(
    /// The operation.
    detail: OperationDetail,
) -> impl IntoView {
    let bad = detail.targets.iter().filter(|t| t.target.state.is_bad()).count();
    let open = detail.summary.state.is_open();
    view! {
        {(bad > 0).then(|| view! { <Retry detail=detail.clone() bad /> })}
        {open.then(|| view! { <Withdraw detail /> })}
    }
}

#[component]
fn Retry(detail: OperationDetail, bad: usize) -> impl IntoView {
    let action = FormCall::of::<OperationRetry>();
    let fault = action_fault(action.value());
    let label = if detail.targets.len() == 1 { "Try again".to_owned() } else { format!("Retry {bad} failed") };
    view! {
        <CallForm action>
            <input type="hidden" name="id" value=detail.summary.operation.id.to_string() />
            <SubmitButton
                id="retry"
                label=Signal::stored(label)
                icon="retry"
                kind=if detail.summary.state.is_open() { SubmitKind::Plain } else { SubmitKind::Primary }
                refusal=Signal::stored(detail.retry)
                pending=action.pending()
            />
        </CallForm>
        <ShowAs
            id="retry"
            asked=portal_only("The portal repeats the very change, with its secrets, where it failed. Programs send the change once more: open Show as where it was made.")
        />
        {move || fault.get().map(|fault| view! { <FaultLine fault /> })}
    }
}

#[component]
fn Withdraw(detail: OperationDetail) -> impl IntoView {
    let action = FormCall::of::<OperationCancel>();
    let fault = action_fault(action.value());
    let possible = detail.targets.iter().filter(|t| t.cancel.is_none()).count();
    // nothing to withdraw: the first open machine says why
    let refused = if possible == 0 {
        detail.targets.iter().filter(|t| t.target.state.is_open()).find_map(|t| t.cancel.clone())
    } else {
        None
    };
    let rows = detail
        .summary
        .counts
        .iter()
        .map(|(state, number)| {
            let what = match state {
                TargetState::Queued if possible > 0 => "withdrawn at once",
                TargetState::Queued => "cannot be withdrawn",
                TargetState::Running => "cannot be stopped; ends by itself or at its limit",
                TargetState::Succeeded => "stays done",
                _ => "stays as it is",
            };
            let (look, icon) = target_look(*state);
            let label = format!("{number} {}", state.label().to_lowercase());
            view! {
                <li class="grid grid-cols-[128px_1fr] gap-3">
                    <StateChip state=look icon label quiet=true />
                    <span class="text-muted">{what}</span>
                </li>
            }
        })
        .collect_view();
    let machines = count_of(u64::try_from(possible).unwrap_or(0), "machine", "machines");
    let deed = view! {
        <CallForm action>
            <input type="hidden" name="id" value=detail.summary.operation.id.to_string() />
            <SubmitButton
                id="withdraw-now"
                label=Signal::stored(format!("Withdraw on {machines}"))
                kind=SubmitKind::DangerSolid
                pending=action.pending()
            />
        </CallForm>
    };
    view! {
        <Confirm
            id="withdraw"
            label="Withdraw…"
            title="Withdraw what has not begun?"
            refused
            keep="Keep going"
            done=Signal::derive(move || action.value().with(|v| matches!(v, Some(Ok(())))))
            deed=deed.into_any()
        >
            <ul class="grid gap-3 text-table">{rows}</ul>
            <ShowAs
                id="withdraw"
                within="withdraw"
                asked=portal_only("ARM has no call that withdraws a change before a machine has begun it. A newer change of the same extension replaces it.")
            />
            {move || fault.get().map(|fault| view! { <FaultLine fault /> })}
        </Confirm>
    }
}
