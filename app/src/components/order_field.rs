//! Which extensions of the machine must have succeeded before this one begins.

use domain::fault::Fault;
use leptos::prelude::*;

use crate::{
    error::field_messages,
    ui::{Field, describe},
};

const ID: &str = "provision-after";

/// The field `form[provision_after]`.
#[component]
pub fn OrderField(
    /// What stands in it at first.
    value: String,
    /// The refusal of the form, if any.
    #[prop(into)]
    fault: Signal<Option<Fault>>,
) -> impl IntoView {
    let errors = Signal::derive(move || fault.with(|f| field_messages(f.as_ref(), "provisionAfterExtensions")));
    view! {
        <Field
            id=ID
            label="Provision after"
            hint="Names of extensions on the same machine that must have succeeded first, separated by commas. Empty: at once."
            errors
        >
            <input
                class="input"
                id=ID
                name="form[provision_after]"
                value=value
                autocomplete="off"
                spellcheck="false"
                aria-describedby=describe(ID)
                aria-invalid=move || errors.with(|e| !e.is_empty()).then_some("true")
            />
        </Field>
    }
}
