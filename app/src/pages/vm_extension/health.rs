//! What an extension reports when its last run was not a failure but something is wrong all the same.

use domain::{
    extension::{ExtensionDetail, ExtensionState},
    status::{StatusWord, explain_agent_code},
};
use leptos::prelude::*;

/// A card for an extension that failed, degraded or fell silent after its last run; nothing when all is well.
#[component]
pub fn Trouble(
    /// The extension.
    detail: ExtensionDetail,
) -> impl IntoView {
    let state = detail.summary.state;
    let (look, heading, advice) = match state {
        ExtensionState::Failed => {
            ("failed", "It reports a failure", "Read what it says, mend the cause on the machine, then run it again.")
        }
        ExtensionState::Unresponsive => (
            "degraded",
            "Its heartbeat stopped",
            "The handler was started and does not write its heartbeat any more. Running it again starts it anew.",
        ),
        ExtensionState::Degraded => {
            ("degraded", "It works, but not all of it is well", "Read what its parts say below.")
        }
        _ => return ().into_any(),
    };
    let report = detail.summary.extension.report;
    let code = report.as_ref().map_or(0, |r| r.code);
    let (heading, advice) = match explain_agent_code(code) {
        Some((what, advice)) if state == ExtensionState::Failed => (what, advice),
        _ => (heading, advice),
    };
    let said = report.as_ref().map(|r| match &r.result {
        Some(result) if !result.message.trim().is_empty() => result.message.clone(),
        _ => r.message.clone(),
    });
    let parts = report
        .and_then(|r| r.result)
        .map(|result| result.substatuses.into_iter().filter(|s| s.status != StatusWord::Success).collect::<Vec<_>>())
        .unwrap_or_default();
    view! {
        <section class="card cause-cluster" data-state=look>
            <div class="p-4 grid gap-2">
                <h2>{heading}</h2>
                {said
                    .filter(|s| !s.trim().is_empty())
                    .map(|said| view! { <p class="hint whitespace-pre-wrap [overflow-wrap:anywhere]">{said}</p> })}
                <ul class="grid gap-1 text-table">
                    {parts
                        .into_iter()
                        .map(|part| {
                            view! {
                                <li>
                                    <strong>{part.name}</strong>
                                    ": "
                                    {part.message}
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
                <p class="text-table">
                    <strong>"What to do: "</strong>
                    {advice}
                </p>
            </div>
        </section>
    }
    .into_any()
}
