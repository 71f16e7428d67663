//! Step 3: what Install would do, machine by machine, as the server judges it now.

use domain::fault::Fault;
use leptos::prelude::*;

use super::{Checked, FormState};
use crate::{
    error::FaultLine,
    ui::{StateChip, count_of},
};

/// The newest answer of the preflight, with one row a machine.
#[component]
pub(super) fn Preflight(
    checked: Signal<Option<Checked>>,
    #[prop(into)] checking: Signal<bool>,
    state: FormState,
    forbidden: Option<Fault>,
) -> impl IntoView {
    let body = move || match checked.get() {
        _ if forbidden.is_some() => {
            let why = forbidden.as_ref().map(|fault| fault.message.clone());
            view! { <p class="card-body hint">{why}</p> }.into_any()
        }
        _ if !state.alive.get() => {
            view! { <p class="card-body hint">"Checked when you press Install: all machines or none."</p> }.into_any()
        }
        None => view! { <p class="card-body hint">"Checking …"</p> }.into_any(),
        Some(Err(error)) => view! { <div class="card-body"><FaultLine fault=error.0 /></div> }.into_any(),
        Some(Ok(Err(_))) if state.chosen.with(Vec::is_empty) => {
            view! { <p class="card-body hint">"Choose machines above to see what would happen on each."</p> }.into_any()
        }
        Some(Ok(Err(fault))) => {
            // messages about fields stand at the fields
            let text = match (fault.target.is_none() && fault.details.is_empty(), state.shown.with(Option::is_some)) {
                (true, _) => fault.message,
                (false, true) => "Correct the settings above; then this shows what would happen.".into(),
                (false, false) => "Fill in the settings above; then this shows what would happen.".into(),
            };
            view! { <p class="card-body hint">{text}</p> }.into_any()
        }
        Some(Ok(Ok(rows))) => {
            let rows = rows
                .into_iter()
                .map(|row| {
                    let (state, icon, word, text) = match row.refusal {
                        Some(fault) => ("failed", "cross", "Impossible", fault.message),
                        None => ("ready", "check", "Can start", row.outcome),
                    };
                    view! {
                        <tr role="row">
                            <td role="cell" class="t-name">
                                <strong>{row.vm_name.to_string()}</strong>
                            </td>
                            <td role="cell" class="t-state">
                                <StateChip state icon label=word quiet=state == "ready" />
                            </td>
                            <td role="cell" class="wrap t-wide">
                                {text}
                            </td>
                        </tr>
                    }
                })
                .collect_view();
            view! {
                <div class="table-wrap" tabindex="0" role="region" aria-label="Preflight table">
                    <table role="table" class="virtual-table is-list">
                        <thead role="rowgroup">
                            <tr role="row">
                                <th role="columnheader">"Machine"</th>
                                <th role="columnheader">"Verdict"</th>
                                <th role="columnheader">"What happens"</th>
                            </tr>
                        </thead>
                        <tbody role="rowgroup">{rows}</tbody>
                    </table>
                </div>
            }
            .into_any()
        }
    };
    let summary = move || match checked.get() {
        Some(Ok(Ok(rows))) if state.alive.get() => {
            let bad = rows.iter().filter(|r| r.refusal.is_some()).count();
            let good = rows.len() - bad;
            match bad {
                0 => format!("{} ready", count_of(good as u64, "machine", "machines")),
                _ => format!("{good} ready, {bad} impossible"),
            }
        }
        _ => String::new(),
    };
    view! {
        <section class="card flow-step" aria-labelledby="preflight-step" aria-busy=move || checking.get().to_string()>
            <div class="card-head">
                <span class="flow-num" aria-hidden="true">
                    "3"
                </span>
                <h2 id="preflight-step">
                    "Preflight" <span class="count" aria-live="polite">{summary}</span>
                </h2>
            </div>
            {body}
        </section>
    }
    .into_any()
}
