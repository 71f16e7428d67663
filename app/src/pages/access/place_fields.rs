//! Where a role holds: everything, a group, or a machine.

use domain::{
    access::{AccessView, PrincipalKind},
    fault::Fault,
};
use leptos::prelude::*;

use crate::{
    error::field_messages,
    typed::Typed,
    ui::{Field, describe, lasting},
};

/// Two fields: what kind of place, and its name.
#[component]
pub(super) fn PlaceFields(
    /// Goes before the ids of the fields.
    id: &'static str,
    /// What names are offered.
    access: AccessView,
    /// What was typed before.
    typed: Typed,
    /// What was wrong with it.
    fault: Signal<Option<Fault>>,
) -> impl IntoView {
    let errors = |target: &'static str| Signal::derive(move || fault.with(|f| field_messages(f.as_ref(), target)));
    let (place_errors, name_errors) = (errors("place"), errors("place_name"));
    let places = [("subscription", "Everything"), ("group", "A group"), ("machine", "A machine")]
        .map(|(value, label)| {
            let chosen = typed.is_chosen("place", value, value == "subscription");
            view! { <option {..lasting("selected", chosen)} value=value>{label}</option> }
        })
        .collect_view();
    let groups = access.groups.iter().map(ToString::to_string);
    let machines = access.candidates.iter().filter(|one| one.kind == PrincipalKind::Machine);
    let names: Vec<String> = groups.chain(machines.map(|one| one.name.clone())).collect();
    let options = names.into_iter().map(|name| view! { <option value=name></option> }).collect_view();
    let (place_id, name_id, list_id) = (format!("{id}-place"), format!("{id}-place-name"), format!("{id}-names"));
    view! {
        <Field id=place_id.clone() label="Where it holds" errors=place_errors>
            <select class="select" id=place_id.clone() name="place" aria-describedby=describe(&place_id)>
                {places}
            </select>
        </Field>
        <Field
            id=name_id.clone()
            label="Name of the group or machine"
            hint="Leave it empty for everything."
            errors=name_errors
        >
            <input
                class="input"
                id=name_id.clone()
                name="place_name"
                list=list_id.clone()
                value=typed.text("place_name", "")
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-describedby=describe(&name_id)
                aria-invalid=move || name_errors.with(|e| !e.is_empty()).then_some("true")
            />
            <datalist id=list_id>{options}</datalist>
        </Field>
    }
    .into_any()
}
