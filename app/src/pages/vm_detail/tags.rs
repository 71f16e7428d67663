//! A machine's tags, and the form that changes them.

use std::collections::BTreeMap;

use domain::{
    fault::Fault,
    show_as::{Deed, MachinePlace, MachineResource},
    vm::{Vm, read_tags},
};
use leptos::prelude::*;

use crate::{
    calls::vms::VmTagsPut,
    components::{
        call_form::{CallForm, FormCall},
        confirm::Confirm,
        show_as::{ShowAs, form_field},
    },
    error::{action_fault, field_messages},
    typed::typed_into,
    ui::{Field, describe, textarea_html},
};

/// The tags as chips.
#[component]
pub fn TagChips(
    /// Name to value.
    tags: BTreeMap<String, String>,
) -> impl IntoView {
    if tags.is_empty() {
        return view! { <span class="text-subtle">"none"</span> }.into_any();
    }
    tags.into_iter()
        .map(|(name, value)| {
            let text = if value.is_empty() { name } else { format!("{name}={value}") };
            view! { <span class="tag-chip">{text}</span> }
        })
        .collect_view()
        .into_any()
}

/// Changes the tags in a dialog.
#[component]
pub fn EditTags(
    /// The machine with its present tags.
    vm: Vm,
    /// Why this person may not.
    refused: Option<Fault>,
) -> impl IntoView {
    let form_ref = NodeRef::new();
    let (place, resource) = (MachinePlace::of(&vm), MachineResource::of(&vm));
    let asked = Callback::new(move |()| {
        let tags = form_field(form_ref, "tags").map_or_else(|| resource.tags.clone(), |text| read_tags(&text));
        (vec![place.clone()], Deed::SetTags(MachineResource { tags, ..resource.clone() }))
    });
    let text = vm.tags.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("\n");
    let text = typed_into::<VmTagsPut>().text("tags", text);
    let action = FormCall::of::<VmTagsPut>();
    let fault = action_fault(action.value());
    let errors = Signal::derive(move || {
        fault
            .get()
            .map(|f| {
                let found = field_messages(Some(&f), "tags");
                if found.is_empty() { vec![f.message] } else { found }
            })
            .unwrap_or_default()
    });
    let deed = view! {
        <button class="btn btn-primary" form="tags-form">
            "Save tags"
        </button>
    }
    .into_any();
    view! {
        <Confirm
            id="tags"
            label="Edit tags"
            icon="edit"
            class="btn btn-ghost btn-sm"
            title="Tags"
            refused
            keep="Leave them"
            done=Signal::derive(move || action.value().with(|v| matches!(v, Some(Ok(())))))
            deed
        >
            <CallForm action node_ref=form_ref attr:id="tags-form">
                <input type="hidden" name="id" value=vm.id.to_string() />
                <Field
                    id="tags-text"
                    label="One tag a line"
                    hint="Write name=value, or a name alone. At most 50."
                    errors
                >
                    <textarea
                        class="textarea mono"
                        id="tags-text"
                        name="tags"
                        rows="6"
                        spellcheck="false"
                        aria-describedby=describe("tags-text")
                        inner_html=textarea_html(&text)
                    ></textarea>
                </Field>
            </CallForm>
            <ShowAs id="tags" within="tags" asked />
        </Confirm>
    }
}
