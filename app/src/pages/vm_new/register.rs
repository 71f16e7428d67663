//! A machine without an agent, by name.

use domain::{
    actor::Permission,
    name::{DEFAULT_GROUP, ResourceGroupName},
    show_as::{Deed, MachinePlace},
};
use leptos::prelude::*;

use crate::{
    calls::vms::VmRegister,
    components::{
        call_form::{CallForm, FormCall},
        frame::use_frame,
        part::part,
        show_as::{ShowAs, form_field},
    },
    error::{FaultLine, action_fault, field_messages},
    typed::typed_into,
    ui::{Field, SubmitButton, SubmitKind, describe},
};

/// The form.
#[component]
pub fn Register() -> impl IntoView {
    let frame = use_frame();
    let action = FormCall::of::<VmRegister>();
    let fault = action_fault(action.value());
    let errors = Signal::derive(move || field_messages(fault.get().as_ref(), "name"));
    let rest = move || fault.get().filter(|f| f.messages_for("name").is_empty());
    let name = typed_into::<VmRegister>().text("name", "");
    let form_ref = NodeRef::new();
    let asked = Callback::new(move |()| {
        let name = form_field(form_ref, "name").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        (vec![MachinePlace::new(DEFAULT_GROUP, name.as_deref().unwrap_or("<machine>"))], Deed::Register)
    });
    view! {
        <div class="stack max-w-[752px]">
            <section class="card" aria-labelledby="register-heading">
                <div class="card-head">
                    <h2 id="register-heading">"Register a machine without an agent"</h2>
                </div>
                <CallForm action node_ref=form_ref attr:class="card-body grid gap-4">
                    <p class="hint">
                        "The portal then knows it by name, with tags and activity. Extensions need an agent: its page offers a token that makes the machine this one, whenever you want."
                    </p>
                    <Field
                        id="register-name"
                        label="Name"
                        required=true
                        hint="Letters, digits, hyphens, underscores and dots; at most 64."
                        errors
                    >
                        <input
                            class="input"
                            id="register-name"
                            name="name"
                            value=name
                            required
                            maxlength="64"
                            autocomplete="off"
                            spellcheck="false"
                            aria-describedby=describe("register-name")
                            aria-invalid=move || errors.with(|e| !e.is_empty()).then_some("true")
                        />
                    </Field>
                    <div class="row-wrap">
                        {part(
                            frame.0,
                            move |frame| {
                                let group = ResourceGroupName::usual();
                                let refused = frame.actor.require_in(Permission::ManageMachines, &group).err();
                                view! {
                                    <SubmitButton
                                        id="register"
                                        label=Signal::stored("Register the machine".to_owned())
                                        icon="plus"
                                        kind=SubmitKind::Primary
                                        refusal=Signal::stored(refused)
                                        pending=action.pending()
                                    />
                                }
                                    .into_any()
                            },
                        )}
                        <ShowAs id="register" asked />
                    </div>
                    {move || rest().map(|fault| view! { <FaultLine fault /> })}
                </CallForm>
            </section>
        </div>
    }
    .into_any()
}
