//! One service principal: its secrets, and what can be done with it.

use domain::{
    access::{SECRET_DAYS_USUAL, SecretNote, ServicePrincipal},
    fault::Fault,
    ids::PrincipalId,
};
use leptos::prelude::*;

use super::{Calls, secret_shown::copied};
use crate::{
    components::{call_form::CallForm, confirm::Confirm},
    ui::{Ago, Place, StateChip, SubmitButton, SubmitKind},
};

/// A secret that expires within this many days is pointed out.
const SOON: i64 = 14;

/// Its row.
#[component]
pub(super) fn ProgramRow(
    /// Which.
    principal: ServicePrincipal,
    /// How many days each of its secrets still works.
    days_left: Vec<i64>,
    /// Why this person may not change it.
    refused: Option<Fault>,
    /// Where the rows stand.
    rows: Place,
    /// What its forms call.
    made: Calls,
) -> impl IntoView {
    let id = principal.id;
    let secrets = principal.secrets.iter().cloned().zip(days_left).map(|(note, days)| {
        rows.row(note.id, (note, days, refused.clone()), move |(note, days, refused)| {
            secret_row(id, &note, days, refused, made).into_any()
        })
    });
    let secrets = secrets.collect_view();
    let none = principal.secrets.is_empty().then(|| view! { <li class="meta">"No secret: it cannot sign in."</li> });
    let no_more = refused.clone().or(principal.another_secret().err());
    let add_label = format!("Add a secret for {SECRET_DAYS_USUAL} days");
    view! {
        <li class="px-4 py-3 grid gap-3 border-b border-[var(--line)]">
            <div class="min-w-0 grid gap-1">
                <p class="row-wrap">
                    <strong>{principal.name.clone()}</strong>
                    {(!principal.enabled).then(|| view! { <StateChip state="off" icon="lock" label="Disabled" /> })}
                </p>
                <p class="meta">"App id " {copied(principal.app_id.to_string(), "Copy its app id")}</p>
                <p class="meta">
                    {match principal.last_sign_in_at {
                        Some(at) => view! { "Signed in " <Ago at /> }.into_any(),
                        None => view! { "Never signed in" }.into_any(),
                    }} {format!(", made by {}", principal.created_by)}
                </p>
            </div>
            <ul class="grid gap-2" aria-label=format!("Secrets of {}", principal.name)>
                {secrets}
                {none}
            </ul>
            <div class="row-wrap">
                <CallForm action=made.add>
                    <input type="hidden" name="id" value=id.to_string() />
                    <input type="hidden" name="days" value=SECRET_DAYS_USUAL.to_string() />
                    <SubmitButton
                        id=format!("add-{id}")
                        label=Signal::stored(add_label)
                        class="btn-sm"
                        refusal=Signal::stored(no_more)
                        pending=made.add.pending()
                    />
                </CallForm>
                {enable(&principal, refused.clone(), made)}
                {delete(&principal, refused, made)}
            </div>
        </li>
    }
    .into_any()
}

fn secret_row(
    owner: PrincipalId,
    note: &SecretNote,
    days: i64,
    refused: Option<Fault>,
    made: Calls,
) -> impl IntoView + use<> {
    let id = note.id;
    let chip = match days {
        ..0 => Some(("off", "lock", "Expired".to_owned())),
        0..=SOON => Some(("warn", "warn", format!("{days} days left"))),
        _ => None,
    };
    let what = format!("Secret {}…, works until {}", note.hint, note.expiry_date());
    let deed = view! {
        <CallForm action=made.remove>
            <input type="hidden" name="id" value=owner.to_string() />
            <input type="hidden" name="note" value=id.to_string() />
            <SubmitButton
                id=format!("remove-now-{id}")
                label=Signal::stored("Remove the secret".to_owned())
                kind=SubmitKind::DangerSolid
                pending=made.remove.pending()
            />
        </CallForm>
    };
    view! {
        <li class="row-wrap">
            <span class="grow text-table">{what}</span>
            {chip.map(|(state, icon, label)| view! { <StateChip state icon label /> })}
            <Confirm
                id=format!("remove-{id}")
                label="Remove…"
                class="btn btn-danger btn-sm"
                title=format!("Remove the secret {}…?", note.hint)
                refused
                deed=deed.into_any()
            >
                <p class="text-muted">
                    "It stops working at once, and so do the tokens that were got with it. Move the program to another secret first."
                </p>
            </Confirm>
        </li>
    }
}

/// Enabling needs no question; disabling stops whatever the program does.
fn enable(principal: &ServicePrincipal, refused: Option<Fault>, made: Calls) -> AnyView {
    let id = principal.id;
    let form = |label: String, kind: SubmitKind, refusal: Option<Fault>, enabled: bool| {
        view! {
            <CallForm action=made.enable>
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="enabled" value=enabled.to_string() />
                <SubmitButton
                    id=format!("enable-{id}")
                    label=Signal::stored(label)
                    class="btn-sm"
                    kind
                    refusal=Signal::stored(refusal)
                    pending=made.enable.pending()
                />
            </CallForm>
        }
        .into_any()
    };
    if !principal.enabled {
        return form("Enable".to_owned(), SubmitKind::Plain, refused, true);
    }
    let deed = form(format!("Disable {}", principal.name), SubmitKind::DangerSolid, None, false);
    view! {
        <Confirm
            id=format!("disable-{id}")
            label="Disable…"
            class="btn btn-sm"
            title=format!("Disable {}?", principal.name)
            refused
            deed
        >
            <p class="text-muted">"It gets no more tokens, and those that it has stop working at once. Its secrets and roles stay."</p>
        </Confirm>
    }
    .into_any()
}

fn delete(principal: &ServicePrincipal, refused: Option<Fault>, made: Calls) -> AnyView {
    let (id, name) = (principal.id, principal.name.clone());
    let title = format!("Delete {name}?");
    let deed = view! {
        <CallForm action=made.delete>
            <input type="hidden" name="id" value=id.to_string() />
            <SubmitButton
                id=format!("delete-now-{id}")
                label=Signal::stored(format!("Delete {name}"))
                kind=SubmitKind::DangerSolid
                pending=made.delete.pending()
            />
        </CallForm>
    };
    view! {
        <Confirm
            id=format!("delete-{id}")
            label="Delete…"
            class="btn btn-danger btn-sm"
            title
            refused
            deed=deed.into_any()
        >
            <p class="text-muted">"Its secrets, tokens and roles are gone at once. What it did stays in the activity log."</p>
        </Confirm>
    }
    .into_any()
}
