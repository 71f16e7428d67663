//! Somebody else saved first: their change beside mine, field by field; nothing is lost and nothing is saved yet.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    extension::{ExtensionDetail, ExtensionForm},
    ids::{OperationId, VmId},
    name::ExtensionName,
    settings_form::to_form,
};
use leptos::prelude::*;
use serde_json::Value;

use crate::{
    calls::extensions::{ExtensionPut, extension_get},
    components::{
        call_form::FormCall,
        settings_view::{field_list, title_of},
    },
    error::FaultView,
    paths,
    typed::Typed,
    ui::Ago,
};

/// One field on which the two differ.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Disagreement {
    name: String,
    theirs: String,
    mine: String,
    /// Mine was typed by me; otherwise only theirs moved, and theirs is the better guess.
    changed_by_me: bool,
}

/// What was sent, field by field, also when it was sent as JSON.
fn typed(form: &ExtensionForm) -> BTreeMap<String, String> {
    match serde_json::from_str::<Value>(&form.settings_json) {
        Ok(json) if !form.settings_json.trim().is_empty() => to_form(&json),
        _ => form.settings.clone(),
    }
}

fn disagreements(base: &Value, theirs: &Value, mine: &ExtensionForm) -> Vec<Disagreement> {
    let plain = |map: BTreeMap<String, String>| -> BTreeMap<String, String> {
        map.into_iter()
            .map(|(name, text)| (name, text.replace("\r\n", "\n").trim_end().to_owned()))
            .filter(|(_, text)| !text.is_empty())
            .collect()
    };
    let (base, theirs, mine) = (plain(to_form(base)), plain(to_form(theirs)), plain(typed(mine)));
    let names: BTreeSet<&String> = theirs.keys().chain(mine.keys()).collect();
    names
        .into_iter()
        .filter(|name| theirs.get(*name) != mine.get(*name))
        .map(|name| Disagreement {
            name: name.clone(),
            theirs: theirs.get(name).cloned().unwrap_or_default(),
            mine: mine.get(name).cloned().unwrap_or_default(),
            changed_by_me: mine.get(name) != base.get(name),
        })
        .collect()
}

/// What to send: mine where chosen, theirs elsewhere, on top of their generation. Secrets that were typed stay.
fn merged(mine: &ExtensionForm, theirs: &ExtensionDetail, keep_mine: &BTreeMap<String, bool>) -> ExtensionForm {
    let mut settings = to_form(&theirs.summary.extension.settings);
    let typed = typed(mine);
    for (name, _) in keep_mine.iter().filter(|(_, mine)| **mine) {
        settings.insert(name.clone(), typed.get(name).cloned().unwrap_or_default());
    }
    ExtensionForm {
        settings,
        settings_json: String::new(),
        etag: theirs.summary.extension.generation.to_string(),
        version: theirs.summary.extension.version.to_string(),
        ..mine.clone()
    }
}

/// Their change beside mine.
#[component]
pub fn Conflict(
    /// The machine.
    vm: VmId,
    /// The extension.
    name: ExtensionName,
    /// Settings that the form was filled from.
    base: Value,
    /// What I sent.
    sent: RwSignal<Option<ExtensionForm>>,
    /// Sends what is chosen.
    action: FormCall<OperationId>,
) -> impl IntoView {
    let page = paths::vm_extension_settings(vm, &name);
    let fresh = LocalResource::new(move || extension_get(vm, name.clone()));
    move || {
        let (base, page) = (base.clone(), page.clone());
        let mine = sent.get()?;
        Some(match fresh.get()? {
            Ok(theirs) => view! { <Choices base theirs mine page action /> }.into_any(),
            Err(error) => view! { <FaultView fault=error.0 /> }.into_any(),
        })
    }
}

#[component]
fn Choices(
    base: Value,
    theirs: ExtensionDetail,
    mine: ExtensionForm,
    page: String,
    action: FormCall<OperationId>,
) -> impl IntoView {
    let found = disagreements(&base, &theirs.summary.extension.settings, &mine);
    let keep: BTreeMap<String, bool> = found.iter().map(|d| (d.name.clone(), d.changed_by_me)).collect();
    let keep = RwSignal::new(keep);
    let fields = field_list(Some(&theirs.image.public_schema));
    let by = theirs.revisions.first().map(|r| (r.actor.clone(), r.at));
    let secrets = mine.protected.values().any(|s| !s.is_empty()) || !mine.clear_protected.is_empty();
    let rows = found
        .iter()
        .map(|d| {
            let title = title_of(&fields, &d.name);
            view! {
                <tr role="row">
                    <td role="cell" class="wrap">
                        {title.clone()}
                    </td>
                    <td role="cell" class="wrap">
                        {choice(keep, d, false, &title)}
                    </td>
                    <td role="cell" class="wrap">
                        {choice(keep, d, true, &title)}
                    </td>
                </tr>
            }
        })
        .collect_view();
    let same = found.is_empty();
    let save = move |_| {
        let form = keep.with_untracked(|keep| merged(&mine, &theirs, keep));
        action.send(&ExtensionPut { form });
    };
    view! {
        <section class="card" role="alert" aria-labelledby="conflict-heading">
            <div class="card-head">
                <h2 id="conflict-heading">
                    {match by {
                        Some((actor, at)) => view! { {format!("{actor} changed this ")} <Ago at /> }.into_any(),
                        None => view! { "This was changed meanwhile" }.into_any(),
                    }}
                </h2>
            </div>
            <div class="card-body grid gap-3">
                {if same {
                    view! { <p class="hint">"Their settings are the same as yours. Saving runs it once more."</p> }.into_any()
                } else {
                    view! {
                        <p class="hint">"Choose for each field; nothing is saved yet."</p>
                        <div class="table-wrap !rounded-lg border border-border">
                            <table role="table" class="virtual-table">
                                <thead role="rowgroup">
                                    <tr role="row">
                                        <th role="columnheader" scope="col">
                                            "Field"
                                        </th>
                                        <th role="columnheader" scope="col">
                                            "Theirs"
                                        </th>
                                        <th role="columnheader" scope="col">
                                            "Yours"
                                        </th>
                                    </tr>
                                </thead>
                                <tbody role="rowgroup">{rows}</tbody>
                            </table>
                        </div>
                    }
                        .into_any()
                }}
                {secrets.then(|| view! { <p class="field-hint">"The protected settings that you typed go with it."</p> })}
                <div class="row-wrap">
                    <button type="button" class="btn btn-primary" on:click=save>
                        {if same { "Save anyway" } else { "Save merged" }}
                    </button>
                    <a class="btn" href=page rel="external">
                        "Take theirs"
                    </a>
                </div>
            </div>
        </section>
    }
}

/// The same without scripts: the form below holds what was typed, and this says what is saved now.
#[component]
pub fn PlainConflict(
    /// What was typed.
    typed: Typed,
    /// What is saved now.
    detail: ExtensionDetail,
    /// The address of the form.
    page: String,
) -> impl IntoView {
    let mine = ExtensionForm {
        settings: typed.map("form[settings]").into_iter().collect(),
        settings_json: typed.text("form[settings_json]", ""),
        ..ExtensionForm::default()
    };
    let theirs = &detail.summary.extension.settings;
    let fields = field_list(Some(&detail.image.public_schema));
    let rows = disagreements(theirs, theirs, &mine)
        .into_iter()
        .map(|d| {
            let shown = |text: String| if text.is_empty() { "not set".to_owned() } else { text };
            view! {
                <dt>{title_of(&fields, &d.name)}</dt>
                <dd>
                    <code class="whitespace-pre-wrap [overflow-wrap:anywhere]">{shown(d.theirs)}</code>
                </dd>
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="plain-conflict-heading">
            <div class="card-head">
                <h2 id="plain-conflict-heading">"Saved by somebody else meanwhile"</h2>
            </div>
            <div class="card-body grid gap-3">
                <p class="hint">
                    "The form below holds what you typed. Saving puts it in the place of these; secrets have to be typed again."
                </p>
                <dl class="key-value">{rows}</dl>
                <div class="row-wrap">
                    <a class="btn" href=page rel="external">
                        "Take theirs"
                    </a>
                </div>
            </div>
        </section>
    }
}

fn choice(keep: RwSignal<BTreeMap<String, bool>>, of: &Disagreement, mine: bool, title: &str) -> impl IntoView + use<> {
    let text = if mine { of.mine.clone() } else { of.theirs.clone() };
    let text = if text.is_empty() { "not set".to_owned() } else { text };
    let (name, group) = (of.name.clone(), format!("conflict-{}", of.name));
    let label = format!("{}: {title}", if mine { "Yours" } else { "Theirs" });
    let key = name.clone();
    view! {
        <label class="check !items-start">
            <input
                class="radio mt-1"
                type="radio"
                name=group
                aria-label=label
                checked=mine == of.changed_by_me
                on:change=move |_| keep.update(|k| {
                    k.insert(key.clone(), mine);
                })
            />
            <code class="whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</code>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_real_differences_ask_and_my_own_changes_are_proposed() {
        let mine = ExtensionForm {
            settings: [("a", "1"), ("b", "mine\r\nx"), ("c", "")].map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            ..ExtensionForm::default()
        };
        let found = disagreements(
            &json!({"a": 1, "b": "old", "c": "kept"}),
            &json!({"a": 2, "b": "mine\nx", "c": "kept"}),
            &mine,
        );
        let names: Vec<(&str, bool)> = found.iter().map(|d| (d.name.as_str(), d.changed_by_me)).collect();
        assert_eq!(
            names,
            [("a", false), ("c", true)],
            "b became equal, a moved only on their side, c was emptied by me"
        );
    }
}
