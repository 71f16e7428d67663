//! People: who may sign in to the portal, and as what.

use domain::actor::{Account, PASSWORD_SHORTEST, Role};
use leptos::prelude::*;

use super::show_as::ACCOUNT_ONLY_HERE;
use crate::{
    calls::account::{AccountCreate, AccountUpdate},
    components::{
        call_form::{CallForm, FormCall},
        show_as::{ShowAs, portal_only},
    },
    error::{FaultLine, action_fault, field_messages},
    pages::account::{PasswordField, elsewhere},
    typed::{Typed, typed_into},
    ui::{Ago, Field, Place, StateChip, SubmitButton, SubmitKind, describe, lasting},
};

/// The accounts, each with its form.
#[component]
pub(super) fn Accounts(
    accounts: Vec<Account>,
    /// Where the rows stand.
    rows: Place,
    update: FormCall<()>,
) -> impl IntoView {
    let count = accounts.len();
    let fault = action_fault(update.value());
    let rows = accounts
        .into_iter()
        .map(|account| rows.row(account.id, account, move |account| view! { <AccountRow account update /> }.into_any()))
        .collect_view();
    view! {
        <section class="card" aria-labelledby="accounts-title">
            <div class="card-head">
                <h2 id="accounts-title">"People"<span class="count">{count}</span></h2>
            </div>
            {move || fault.get().map(|fault| view! { <div class="px-4 pt-3"><FaultLine fault /></div> })}
            <ul>{rows}</ul>
        </section>
    }
    .into_any()
}

/// One account: facts, and a form with its role and whether it may sign in.
#[component]
fn AccountRow(account: Account, update: FormCall<()>) -> impl IntoView {
    let id = account.id.to_string();
    let mine = id.clone();
    let pending = Signal::derive(move || {
        update.pending().get() && update.sent::<AccountUpdate>().is_some_and(|sent| sent.id.to_string() == mine)
    });
    let typed = typed_into::<AccountUpdate>();
    let typed = if typed.get("id").as_ref() == Some(&id) { typed } else { Typed::default() };
    let (role, enabled) =
        (typed.text("role", account.role.label()), typed.text("enabled", account.enabled.to_string()));
    let (may, may_not) = (enabled == "true", enabled != "true");
    let role_id = format!("role-{id}");
    let enabled_id = format!("enabled-{id}");
    let roles = Role::ALL
        .into_iter()
        .map(|one| {
            let chosen = role == one.label();
            view! { <option value=one.label() {..lasting("selected", chosen)}>{one.label()}</option> }
        })
        .collect_view();
    view! {
        <li class="account-row">
            <div class="min-w-0">
                <p class="row-wrap">
                    <strong>{account.name.clone()}</strong>
                    {(!account.enabled).then(|| view! { <StateChip state="off" icon="lock" label="May not sign in" /> })}
                </p>
                <p class="meta">
                    {match account.last_sign_in_at {
                        Some(at) => view! { "Signed in " <Ago at /> }.into_any(),
                        None => view! { "Never signed in" }.into_any(),
                    }}
                </p>
            </div>
            <CallForm action=update>
                <input type="hidden" name="id" value=id.clone() />
                <div class="account-form">
                    <label class="sr-only" for=role_id.clone()>
                        {format!("Role of {}", account.name)}
                    </label>
                    <select class="select" id=role_id name="role">
                        {roles}
                    </select>
                    <label class="sr-only" for=enabled_id.clone()>
                        {format!("May {} sign in?", account.name)}
                    </label>
                    <select class="select" id=enabled_id name="enabled">
                        <option value="true" {..lasting("selected", may)}>
                            "May sign in"
                        </option>
                        <option value="false" {..lasting("selected", may_not)}>
                            "May not sign in"
                        </option>
                    </select>
                    <SubmitButton id=format!("save-{id}") label="Save" pending />
                </div>
            </CallForm>
        </li>
    }
    .into_any()
}

/// The form for another one.
#[component]
pub(super) fn NewAccount(create: FormCall<Account>) -> impl IntoView {
    let fault = action_fault(create.value());
    let name_errors = Signal::derive(move || fault.with(|f| field_messages(f.as_ref(), "name")));
    let made = move || create.value().with(|v| v.as_ref().and_then(|r| r.as_ref().ok()).map(|a| a.name.clone()));
    let typed = typed_into::<AccountCreate>();
    let roles = Role::ALL
        .into_iter()
        .map(|role| {
            let chosen = typed.is_chosen("role", role.label(), role == Role::ALL[0]);
            view! { <option value=role.label() {..lasting("selected", chosen)}>{role.label()}</option> }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="new-account-title">
            <div class="card-head">
                <h2 id="new-account-title">"New account"</h2>
            </div>
            <CallForm action=create>
                <div class="card-body grid gap-4">
                    {move || {
                        made()
                            .map(|name| {
                                view! {
                                    <p class="hint" role="status">
                                        {format!("{name} can sign in now.")}
                                    </p>
                                }
                            })
                    }}
                    <Field id="account-name" label="Name" errors=name_errors>
                        <input
                            class="input"
                            id="account-name"
                            name="name"
                            value=typed.text("name", "")
                            autocomplete="off"
                            autocapitalize="none"
                            spellcheck="false"
                            required
                            aria-describedby=describe("account-name")
                            aria-invalid=move || name_errors.with(|e| !e.is_empty()).then_some("true")
                        />
                    </Field>
                    <Field id="account-role" label="Role">
                        <select class="select" id="account-role" name="role" aria-describedby=describe("account-role")>
                            {roles}
                        </select>
                    </Field>
                    <PasswordField
                        id="account-password"
                        name="password"
                        label="First password"
                        autocomplete="new-password"
                        hint=format!("At least {PASSWORD_SHORTEST} characters. Its owner changes it under Account.")
                        fault
                        target="password"
                    />
                    {elsewhere(fault, &["name", "password"])}
                    <div class="row-wrap">
                        <SubmitButton
                            id="create-account"
                            label="Create account"
                            kind=SubmitKind::Primary
                            pending=create.pending()
                        />
                        <ShowAs id="account" asked=portal_only(ACCOUNT_ONLY_HERE) />
                    </div>
                </div>
            </CallForm>
        </section>
    }
    .into_any()
}
