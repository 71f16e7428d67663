//! Step 1: on which machines.

use domain::extension_image::MachineFit;
use leptos::{html, prelude::*};

use super::FormState;
use crate::{
    components::states::HealthChip,
    error::field_messages,
    paths,
    ui::{EmptyState, Icon, count_of},
};

/// All machines with a check box; those that cannot take the package say why instead.
#[component]
pub(super) fn Targets(
    machines: Vec<MachineFit>,
    chosen: Vec<String>,
    state: FormState,
    form_ref: NodeRef<html::Form>,
) -> impl IntoView {
    let (total, fits) = (machines.len(), machines.iter().filter(|m| m.reason.is_none()).count());
    let rows = machines
        .into_iter()
        .map(|machine| {
            let checked = chosen.contains(&machine.vm_id.to_string());
            view! { <TargetRow machine checked /> }
        })
        .collect_view();
    let errors = move || state.shown.with(|f| field_messages(f.as_ref(), "targets"));
    let choose_all = move |_| {
        if let Some(form) = form_ref.get_untracked() {
            let Ok(boxes) = form.query_selector_all("input[name='form[targets][]']:not(:disabled):not(:checked)")
            else {
                return;
            };
            // a click is what a person does: the box changes and the form hears of it
            (0..boxes.length()).filter_map(|at| boxes.item(at)).for_each(click);
        }
    };
    view! {
        <section class="card flow-step" aria-labelledby="targets-step">
            <div class="card-head">
                <span class="flow-num" aria-hidden="true">
                    "1"
                </span>
                <h2 id="targets-step">
                    "Machines" <span class="count">{format!("{fits} of {} can take it", count_of(total as u64, "machine", "machines"))}</span>
                </h2>
                <button
                    type="button"
                    class="btn btn-sm"
                    hidden=move || !state.alive.get() || fits < 2
                    on:click=choose_all
                >
                    "Choose all that fit"
                </button>
            </div>
            {if total == 0 {
                view! {
                    <EmptyState
                        icon="machine"
                        title="There are no machines yet"
                        text="Add one first: a lab machine starts in a second, your own enrols with one command."
                    >
                        <a class="btn" href=paths::VM_NEW>
                            "Add machine"
                        </a>
                    </EmptyState>
                }
                    .into_any()
            } else {
                view! {
                    <fieldset>
                        <legend class="sr-only">"Install on"</legend>
                        <ul>{rows}</ul>
                    </fieldset>
                }
                    .into_any()
            }}
            <div aria-live="polite">
                {move || {
                    errors()
                        .into_iter()
                        .map(|message| {
                            view! {
                                <p class="field-error px-4 pb-3">
                                    <Icon name="warn" class="icon-14" />
                                    <span>{message}</span>
                                </p>
                            }
                        })
                        .collect_view()
                }}
            </div>
        </section>
    }
    .into_any()
}

fn click(node: web_sys::Node) {
    use wasm_bindgen::JsCast;
    if let Ok(input) = node.dyn_into::<web_sys::HtmlElement>() {
        input.click();
    }
}

#[component]
fn TargetRow(machine: MachineFit, checked: bool) -> impl IntoView {
    let id = format!("target-{}", machine.vm_id);
    let note_id = format!("{id}-note");
    let off = machine.reason.is_some();
    let note = match (&machine.reason, &machine.installed) {
        (Some(fault), _) => fault.message.clone(),
        (None, Some((name, version))) => format!("{} · has {version} as {name}", machine.system),
        (None, None) => machine.system.clone(),
    };
    view! {
        <li class="target-row" data-off=off.then_some("")>
            <span class="hit">
                <input
                    class="checkbox"
                    type="checkbox"
                    id=id.clone()
                    name="form[targets][]"
                    value=machine.vm_id.to_string()
                    checked=checked
                    disabled=off
                    aria-describedby=note_id.clone()
                />
            </span>
            <div class="min-w-0">
                <p class="row-wrap">
                    <label class="target-name" for=id>
                        {machine.vm_name.to_string()}
                    </label>
                    <HealthChip health=machine.health />
                </p>
                <p class="meta" id=note_id>
                    {off.then(|| view! { <Icon name="lock" class="icon-12 inline-icon" /> })}
                    {note}
                </p>
            </div>
        </li>
    }
    .into_any()
}
