//! Installing on one or several machines: targets, settings, preflight, on one page.
//!
//! ```text
//!  typing ──► check (debounced) ──► extension_preflight ──► messages under touched fields, rows of the preflight table
//!  Install ──► extension_put ──► operation page      or every message, focus on the first field that is wrong
//! ```
//!
//! Without scripts the form posts by itself and comes back with its messages.

mod check;
mod preflight;
mod show_as;
mod summary;
mod targets;

use std::collections::BTreeSet;

use domain::{
    actor::Permission,
    extension::{ExtensionForm, PreflightRow},
    extension_image::ImageDetail,
    fault::Fault,
};
use leptos::{form::FromFormData, html, prelude::*};
use leptos_router::hooks::{use_params_map, use_query_map};

use super::image_detail::image_at;
use crate::{
    calls::extensions::{ExtensionPut, extension_preflight},
    components::{
        call_form::{CallForm, FormCall},
        frame::use_frame,
        order_field::OrderField,
        settings_form::SettingsForm,
    },
    error::{UiError, action_fault, field_messages},
    paths,
    typed::typed_into,
    ui::{Crumbs, Field, PageHead, describe, loaded},
};
use check::{only_touched, target_of_input};

/// The install form. `?version=`, `?targets=` ids of machines, separated by commas.
#[component]
pub fn InstallPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let param = move |key: &str| params.with(|p| p.get(key).unwrap_or_default());
    let ask = move |key: &str| query.with(|q| q.get(key).unwrap_or_default());
    let source = Memo::new(move |_| (param("publisher"), param("type"), ask("version")));
    // not live: what somebody types must not move under their hands
    let frame = use_frame();
    let data = Resource::new(
        move || source.get(),
        move |(publisher, kind, version)| async move {
            let detail = image_at(publisher, kind, version).await?;
            Ok::<_, UiError>((detail, frame.refusal_anywhere(Permission::ChangeExtensions).await))
        },
    );
    loaded(data, move |(detail, forbidden)| {
        let chosen = query.with_untracked(|q| q.get("targets").unwrap_or_default());
        let chosen = chosen.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
        view! { <InstallView detail chosen forbidden /> }.into_any()
    })
}

/// What the form knows while somebody fills it.
#[derive(Clone, Copy)]
struct FormState {
    /// Messages to show now.
    shown: RwSignal<Option<Fault>>,
    /// Targets of the fields that were touched; others keep quiet until Install is pressed.
    touched: RwSignal<BTreeSet<String>>,
    /// Install was pressed: nothing keeps quiet any more.
    pressed: RwSignal<bool>,
    /// Ids of the chosen machines.
    chosen: RwSignal<Vec<String>>,
    /// The page is alive.
    alive: RwSignal<bool>,
}

type Checked = Result<Result<Vec<PreflightRow>, Fault>, UiError>;

#[component]
fn InstallView(detail: ImageDetail, chosen: Vec<String>, forbidden: Option<Fault>) -> impl IntoView {
    let ImageDetail { image, versions, machines } = detail;
    let fit = |id: &String| machines.iter().any(|m| m.reason.is_none() && m.vm_id.to_string() == *id);
    let typed = typed_into::<ExtensionPut>();
    let chosen = if typed.is_empty() { chosen } else { typed.all("form[targets][]") };
    let chosen: Vec<String> = chosen.into_iter().filter(fit).collect();
    let put = FormCall::of::<ExtensionPut>();
    let refused = action_fault(put.value());
    let state = FormState {
        shown: RwSignal::new(refused.get_untracked()),
        touched: RwSignal::default(),
        pressed: RwSignal::new(refused.get_untracked().is_some()),
        chosen: RwSignal::new(chosen.clone()),
        alive: RwSignal::new(false),
    };
    let form_ref = NodeRef::<html::Form>::new();
    let check = Action::new(|form: &ExtensionForm| extension_preflight(form.clone()));
    let checked: Signal<Option<Checked>> = Signal::derive(move || check.value().get());
    // who may not install is told so by the page, not by a refused request
    let may_ask = forbidden.is_none();
    let ask = move || ask_preflight(form_ref, state, may_ask.then_some(check));
    let later = StoredValue::new(0u32);
    let ask_later = move || {
        later.update_value(|turn| *turn += 1);
        let mine = later.get_value();
        set_timeout(
            move || {
                if later.try_get_value() == Some(mine) {
                    ask();
                }
            },
            std::time::Duration::from_millis(400),
        );
    };
    Effect::new(move |_| {
        state.alive.set(true);
        ask();
    });
    Effect::new(move |_| {
        let Some(Ok(answer)) = checked.get() else { return };
        let fault = answer.err();
        state.shown.set(match state.pressed.get_untracked() {
            true => fault,
            false => fault.and_then(|f| state.touched.with_untracked(|touched| only_touched(&f, touched))),
        });
    });
    Effect::new(move |_| {
        if let Some(fault) = refused.get() {
            state.pressed.set(true);
            state.shown.set(Some(fault));
            request_animation_frame(focus_first_invalid);
        }
    });
    let touch = move |event: leptos::ev::Event| {
        if let Some(target) = target_of_input(&event) {
            state.touched.update(|touched| {
                touched.insert(target);
            });
        }
    };
    let name_errors = Signal::derive(move || state.shown.with(|f| field_messages(f.as_ref(), "name")));
    let above = vec![
        (paths::MARKETPLACE.to_owned(), "Marketplace".to_owned()),
        (paths::image(&image.publisher, &image.extension_type, None), image.title.clone()),
    ];
    let name = typed.text("form[name]", image.extension_type.to_string());
    let after = typed.text("form[provision_after]", "");
    let asked = show_as::asked(&image, &machines, state, form_ref);
    let hidden = [
        ("form[publisher]", image.publisher.to_string()),
        ("form[extension_type]", image.extension_type.to_string()),
        ("form[version]", image.version.to_string()),
    ];
    view! {
        <Crumbs above here="Install" />
        <PageHead
            title=format!("Install {}", image.title)
            lede="One page, top to bottom. Nothing reaches a machine before you press Install."
        />
        <CallForm action=put node_ref=form_ref attr:novalidate="">
            {hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()}
            <div
                class="split install-form"
                on:input=move |event| {
                    touch(event);
                    ask_later();
                }
                on:change=move |event| {
                    touch(event);
                    ask_later();
                }
                on:focusout=move |event| touch(event.into())
            >
                <div class="stack">
                    <targets::Targets machines chosen state form_ref />
                    <section class="card flow-step" aria-labelledby="settings-step">
                        <div class="card-head">
                            <span class="flow-num" aria-hidden="true">
                                "2"
                            </span>
                            <h2 id="settings-step">"Settings"</h2>
                        </div>
                        <div class="card-body settings-body">
                            <SettingsForm
                                public_schema=image.public_schema.clone()
                                protected_schema=image.protected_schema.clone()
                                fault=state.shown
                            />
                            <fieldset class="settings-part">
                                <legend>"On the machine"</legend>
                                <Field
                                    id="extension-name"
                                    label="Extension name"
                                    hint="How it is called on the machine. The same name on a machine that has it changes its settings."
                                    errors=name_errors
                                >
                                    <input
                                        class="input"
                                        id="extension-name"
                                        name="form[name]"
                                        value=name
                                        autocomplete="off"
                                        spellcheck="false"
                                        aria-describedby=describe("extension-name")
                                        aria-invalid=move || name_errors.with(|e| !e.is_empty()).then_some("true")
                                    />
                                </Field>
                                <OrderField value=after fault=state.shown />
                            </fieldset>
                        </div>
                    </section>
                    <preflight::Preflight checked checking=check.pending() state forbidden=forbidden.clone() />
                </div>
                <summary::Summary image versions state pending=put.pending() refused forbidden asked />
            </div>
        </CallForm>
    }
    .into_any()
}

/// What stands in the form now; `None` on the server.
fn read_form(form_ref: NodeRef<html::Form>) -> Option<ExtensionForm> {
    let form = form_ref.try_get_untracked().flatten()?;
    let data = web_sys::FormData::new_with_form(&form).ok()?;
    ExtensionPut::from_form_data(&data).ok().map(|put| put.form)
}

/// Asks the server what Install would do, with what stands in the form now. Without `check` only the choice is noted.
fn ask_preflight(form_ref: NodeRef<html::Form>, state: FormState, check: Option<Action<ExtensionForm, Checked>>) {
    let Some(form) = read_form(form_ref) else { return };
    state.chosen.set(form.targets.clone());
    if let Some(check) = check {
        check.dispatch(form);
    }
}

/// After a refusal: where to go on.
fn focus_first_invalid() {
    use wasm_bindgen::JsCast;
    let first = document().query_selector("form [aria-invalid=true]").ok().flatten();
    if let Some(field) = first.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = field.focus();
    }
}
