//! Revisions: what was wanted when, and the way back.

use domain::{
    extension::{ExtensionDetail, Revision},
    fault::Fault,
    settings_form::FormField,
};
use leptos::prelude::*;

use super::{runs::kind_words, show_as};
use crate::{
    calls::extensions::ExtensionRollBack,
    components::{
        call_form::{CallForm, FormCall},
        confirm::Confirm,
        settings_diff::{Change, DiffTable, changes, changes_words},
        settings_view::field_list,
        show_as::ShowAs,
    },
    error::{FaultLine, action_fault},
    ui::{Ago, Icon, SubmitButton, SubmitKind},
};

/// All revisions, newest first, each with what it changed.
#[component]
pub fn Revisions(
    /// The extension.
    detail: ExtensionDetail,
    /// Why nothing can be changed now.
    refused: Option<Fault>,
) -> impl IntoView {
    let count = detail.revisions.len();
    let fields = field_list(Some(&detail.image.public_schema));
    let rows = (0..count).map(|at| row(&detail, at, &fields, refused.clone())).collect_view();
    view! {
        <section class="card" aria-labelledby="revisions-heading">
            <div class="card-head">
                <h2 id="revisions-heading">
                    "Revisions" <span class="count">{count}</span>
                </h2>
                <span class="meta">"Rolling back restores version, settings and secrets; nobody sees the secrets."</span>
            </div>
            <ul>{rows}</ul>
        </section>
    }
}

fn row(detail: &ExtensionDetail, at: usize, fields: &[FormField], refused: Option<Fault>) -> impl IntoView + use<> {
    let revision = detail.revisions[at].clone();
    let before = detail.revisions.get(at + 1);
    let found = before.map(|b| changes(&b.settings, &revision.settings)).unwrap_or_default();
    let words = what_changed(&revision, before, &found, fields);
    let current = at == 0;
    let (number, was) = (revision.number, before.map(|b| b.number));
    let fields = fields.to_vec();
    let back = (!current).then(|| roll_back(detail, &revision, refused));
    view! {
        <li class="list-row !items-start flex-wrap">
            <div class="grow grid gap-1">
                <p class="!max-w-none text-table flex flex-wrap gap-x-2 items-center">
                    <strong>{format!("Revision {number}")}</strong>
                    <span class="mono text-subtle">{revision.version.to_string()}</span>
                    {current.then(|| view! { <span class="tag-chip">"current"</span> })}
                </p>
                <p class="hint !max-w-none dot-sep">
                    <span>{kind_words(revision.kind)}</span>
                    <span>{format!("by {}", revision.actor)}</span>
                    <span>
                        <Ago at=revision.at />
                    </span>
                </p>
                {match (found.is_empty(), was) {
                    (false, Some(was)) => {
                        view! {
                            <details class="mt-1">
                                <summary class="link text-table">
                                    <Icon name="drift" class="icon-14 me-1" />
                                    {words}
                                </summary>
                                <div class="mt-2">
                                    <DiffTable
                                        changes=found
                                        fields
                                        was=format!("Was ({was})")
                                        is=format!("Is ({number})")
                                    />
                                </div>
                            </details>
                        }
                            .into_any()
                    }
                    _ => view! { <p class="hint">{words}</p> }.into_any(),
                }}
            </div>
            {back}
        </li>
    }
}

fn what_changed(revision: &Revision, before: Option<&Revision>, found: &[Change], fields: &[FormField]) -> String {
    let Some(before) = before else { return "First settings".to_owned() };
    let mut parts = Vec::new();
    if revision.version != before.version {
        parts.push(format!("version {} to {}", before.version, revision.version));
    }
    if !found.is_empty() {
        parts.push(changes_words(found, fields));
    }
    if revision.protected_keys != before.protected_keys {
        parts.push("protected settings".to_owned());
    }
    if parts.is_empty() { "Nothing that can be shown".to_owned() } else { parts.join("; ") }
}

fn roll_back(detail: &ExtensionDetail, revision: &Revision, refused: Option<Fault>) -> impl IntoView + use<> {
    let action = FormCall::of::<ExtensionRollBack>();
    let fault = action_fault(action.value());
    let extension = detail.summary.extension.clone();
    let number = revision.number;
    let found = changes(&extension.settings, &revision.settings);
    let fields = field_list(Some(&detail.image.public_schema));
    let version = (revision.version != extension.version)
        .then(|| format!("Version {} goes back to {}. ", extension.version, revision.version));
    let secrets = (!revision.protected_keys.is_empty())
        .then(|| format!("Its protected settings come back too: {}.", revision.protected_keys.join(", ")));
    let deed = view! {
        <CallForm action>
            <input type="hidden" name="vm" value=extension.vm_id.to_string() />
            <input type="hidden" name="name" value=extension.name.to_string() />
            <input type="hidden" name="revision" value=number />
            <input type="hidden" name="etag" value=extension.generation.to_string() />
            <SubmitButton
                id=format!("roll-back-{number}-now")
                label=Signal::stored(format!("Roll back to revision {number}"))
                icon="rollback"
                kind=SubmitKind::Primary
                pending=action.pending()
            />
        </CallForm>
    };
    let vm_name = detail.vm_name.to_string();
    let asked = show_as::roll_back(detail, revision);
    // one reason is enough: the actions at the top say it
    let enabled = refused.is_none();
    enabled.then(|| {
        view! {
            <Confirm
                id=format!("roll-back-{number}")
                label="Roll back to this"
                icon="rollback"
                class="btn btn-ghost btn-sm"
                title=format!("Roll back to revision {number}?")
                refused=None
                keep="Leave it"
                deed=deed.into_any()
            >
                <p class="text-muted">
                    {version}
                    {format!("It runs again on {vm_name} with the next sequence number. ")}
                    {secrets}
                </p>
                {(!found.is_empty()).then(|| view! { <DiffTable changes=found fields was="Now" is="Then" /> })}
                <ShowAs id=format!("roll-back-{number}") within=format!("roll-back-{number}") asked />
                {move || fault.get().map(|fault| view! { <FaultLine fault /> })}
            </Confirm>
        }
    })
}
