//! One's own account: who I am, password, colours, signing out.

use domain::{actor::PASSWORD_SHORTEST, fault::Fault};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    calls::account::PasswordChange,
    components::{
        call_form::{CallForm, FormCall},
        frame::use_frame,
    },
    error::{FaultLine, action_fault, field_messages},
    paths,
    session::Theme,
    ui::{Field, Icon, PageHead, SubmitButton, SubmitKind, describe, loaded},
};

/// One's own account.
#[component]
pub fn AccountPage() -> impl IntoView {
    let frame = use_frame();
    view! {
        <PageHead title="Account" />
        <div class="account-grid">
            {loaded(
                frame.0,
                |frame| {
                    view! {
                        <section class="card" aria-labelledby="me-title">
                            <div class="card-head">
                                <h2 id="me-title">{frame.actor.name.clone()}</h2>
                                {frame.actor.role().map(|role| view! { <span class="tag-chip">{role.label()}</span> })}
                            </div>
                            <div class="card-body grid gap-4">
                                {frame.actor.role().map(|role| view! { <p class="hint">{role.meaning()}</p> })}
                                <form method="post" action=paths::SIGN_OUT>
                                    <button class="btn">"Sign out"</button>
                                </form>
                            </div>
                        </section>
                    }
                        .into_any()
                },
            )}
            <Password />
            <Colours />
            <nav class="card only-small" aria-label="More pages">
                <a class="list-row no-underline" href=paths::ACTIVITY>
                    <Icon name="activity" />
                    <span class="grow">"Activity"</span>
                    <Icon name="chevron-right" />
                </a>
                <a class="list-row no-underline" href=paths::ACCESS>
                    <Icon name="lock" />
                    <span class="grow">"Access"</span>
                    <Icon name="chevron-right" />
                </a>
            </nav>
        </div>
    }
    .into_any()
}

/// One password field with its messages.
#[component]
pub(crate) fn PasswordField(
    id: &'static str,
    name: &'static str,
    label: &'static str,
    autocomplete: &'static str,
    #[prop(optional, into)] hint: String,
    fault: Signal<Option<Fault>>,
    /// The fault's target for this field.
    target: &'static str,
) -> impl IntoView {
    let errors = Signal::derive(move || fault.with(|f| field_messages(f.as_ref(), target)));
    view! {
        <Field id=id label=label hint=hint errors>
            <input
                class="input"
                type="password"
                id=id
                name=name
                autocomplete=autocomplete
                required
                aria-describedby=describe(id)
                aria-invalid=move || errors.with(|e| !e.is_empty()).then_some("true")
            />
        </Field>
    }
    .into_any()
}

/// The line for a fault that belongs to none of `targets`.
pub(crate) fn elsewhere(fault: Signal<Option<Fault>>, targets: &'static [&'static str]) -> impl IntoView {
    move || {
        let shown = |f: &Fault| !targets.iter().any(|t| !f.messages_for(t).is_empty());
        fault.get().filter(shown).map(|fault| view! { <FaultLine fault /> })
    }
}

#[component]
fn Password() -> impl IntoView {
    let change = FormCall::of::<PasswordChange>();
    let fault = action_fault(change.value());
    let query = use_query_map();
    let done = move || query.with(|q| q.get("done").as_deref() == Some("password")) && fault.with(Option::is_none);
    // domain::actor::check_password names the field `password`; here it is the new one
    let fault = Signal::derive(move || {
        fault.get().map(|f| if f.target.as_deref() == Some("password") { f.at("new") } else { f })
    });
    view! {
        <section class="card" aria-labelledby="password-title">
            <div class="card-head">
                <h2 id="password-title">"Password"</h2>
            </div>
            <CallForm action=change>
                <div class="card-body grid gap-4">
                    {move || {
                        done()
                            .then(|| {
                                view! {
                                    <p class="banner" data-state="ready" role="status">
                                        <Icon name="check" />
                                        <span class="grow">"The password was changed. Your other sessions have ended."</span>
                                    </p>
                                }
                            })
                    }}
                    <PasswordField
                        id="old"
                        name="old"
                        label="Present password"
                        autocomplete="current-password"
                        fault
                        target="old"
                    />
                    <PasswordField
                        id="new"
                        name="new"
                        label="New password"
                        autocomplete="new-password"
                        hint=format!("At least {PASSWORD_SHORTEST} characters.")
                        fault
                        target="new"
                    />
                    <PasswordField
                        id="repeated"
                        name="repeated"
                        label="New password again"
                        autocomplete="new-password"
                        fault
                        target="repeated"
                    />
                    {elsewhere(fault, &["old", "new", "repeated"])}
                    <div class="row-wrap">
                        <SubmitButton
                            id="password-button"
                            label="Change password"
                            kind=SubmitKind::Primary
                            pending=change.pending()
                        />
                    </div>
                </div>
            </CallForm>
        </section>
    }
    .into_any()
}

#[component]
fn Colours() -> impl IntoView {
    let choices = Theme::ALL
        .into_iter()
        .map(|theme| {
            let (label, icon) = match theme {
                Theme::System => ("As the system", "settings"),
                Theme::Light => ("Light", "sun"),
                Theme::Dark => ("Dark", "moon"),
            };
            view! {
                <button class=format!("btn theme-choice theme-is-{}", theme.code()) name="theme" value=theme.code()>
                    <Icon name=icon class="icon-14" />
                    {label}
                </button>
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="colours-title">
            <div class="card-head">
                <h2 id="colours-title">"Colours"</h2>
            </div>
            <form class="card-body row-wrap" method="post" action=paths::THEME>
                <input type="hidden" name="next" value=paths::ACCOUNT />
                {choices}
            </form>
        </section>
    }
    .into_any()
}
