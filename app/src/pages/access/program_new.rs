//! The form that makes a service principal.

use domain::{
    access::{AccessView, NewSecret, SECRET_DAYS_MOST, SECRET_DAYS_USUAL},
    actor::Role,
};
use leptos::prelude::*;

use super::{place_fields::PlaceFields, show_as::PROGRAM_ONLY_HERE};
use crate::{
    calls::access::PrincipalCreate,
    components::{
        call_form::{CallForm, FormCall},
        show_as::{ShowAs, portal_only},
    },
    error::{action_fault, field_messages},
    pages::account::elsewhere,
    typed::typed_into,
    ui::{Field, SubmitButton, SubmitKind, describe, lasting},
};

/// Name, life of the first secret, and a role if one is wanted.
#[component]
pub(super) fn NewProgram(
    /// What there is.
    access: AccessView,
    /// Makes it.
    create: FormCall<NewSecret>,
) -> impl IntoView {
    let fault = action_fault(create.value());
    let errors = |target: &'static str| Signal::derive(move || fault.with(|f| field_messages(f.as_ref(), target)));
    let (name_errors, days_errors) = (errors("name"), errors("days"));
    let typed = typed_into::<PrincipalCreate>();
    let (name, days) = (typed.text("name", ""), typed.text("days", SECRET_DAYS_USUAL.to_string()));
    let none = typed.is_chosen("role", "", true);
    let roles = Role::ALL
        .into_iter()
        .map(|role| {
            let chosen = typed.is_chosen("role", role.label(), false);
            view! { <option value=role.label() {..lasting("selected", chosen)}>{role.label()}</option> }
        })
        .collect_view();
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let refused = access.refusal.clone();
    view! {
        <section class="card" aria-labelledby="new-program-title">
            <div class="card-head">
                <h2 id="new-program-title">"New service principal"</h2>
            </div>
            <CallForm action=create>
                <div class="card-body grid gap-4">
                    <Field id="program-name" label="Name" errors=name_errors>
                        <input
                            class="input"
                            id="program-name"
                            name="name"
                            value=name
                            maxlength="64"
                            autocomplete="off"
                            spellcheck="false"
                            required
                            aria-describedby=describe("program-name")
                            aria-invalid=move || name_errors.with(|e| !e.is_empty()).then_some("true")
                        />
                    </Field>
                    <Field
                        id="program-days"
                        label="Its secret works for (days)"
                        hint=format!("At most {SECRET_DAYS_MOST}.")
                        errors=days_errors
                    >
                        <input
                            class="input"
                            id="program-days"
                            name="days"
                            type="number"
                            min="1"
                            max=SECRET_DAYS_MOST
                            value=days
                            required
                            aria-describedby=describe("program-days")
                            aria-invalid=move || days_errors.with(|e| !e.is_empty()).then_some("true")
                        />
                    </Field>
                    <Field id="program-role" label="Role" hint="It can be given later, and more than one.">
                        <select class="select" id="program-role" name="role" aria-describedby=describe("program-role")>
                            <option value="" {..lasting("selected", none)}>
                                "None for now"
                            </option>
                            {roles}
                        </select>
                    </Field>
                    <PlaceFields id="program" access typed fault />
                    {elsewhere(fault, &["name", "days", "place", "place_name"])}
                    <div class="row-wrap">
                        <SubmitButton
                            id="create-program"
                            label="Create service principal"
                            kind=SubmitKind::Primary
                            refusal=Signal::stored(refused)
                            pending=create.pending()
                        />
                        <ShowAs id="program" asked=portal_only(PROGRAM_ONLY_HERE) />
                        <p class="field-hint" hidden=move || alive.get()>
                            "This needs scripts, because the secret is shown once and kept nowhere."
                        </p>
                    </div>
                </div>
            </CallForm>
        </section>
    }
    .into_any()
}
