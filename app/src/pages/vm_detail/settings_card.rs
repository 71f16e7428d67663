//! What people say about a machine's agent, and how it gets one.

use domain::{
    actor::Permission,
    fault::Fault,
    show_as::{Deed, MachinePlace, MachineResource},
    vm::VmDetail,
};
use leptos::prelude::*;

use crate::{
    calls::vms::{VmAgentPresent, VmAllowExtensions},
    components::{
        call_form::{CallForm, FormCall},
        rights::Rights,
        show_as::{ShowAs, WhatIsAsked, fixed, portal_only},
    },
    error::{FaultLine, action_fault},
    paths,
    ui::SubmitButton,
};

/// Flags, and the way to an agent.
#[component]
pub fn AgentSettings(
    /// The machine.
    detail: VmDetail,
    /// Of whoever looks.
    rights: Rights,
) -> impl IntoView {
    let refused = rights.refusal_on(Permission::ManageMachines, &detail.vm);
    let vm = &detail.vm;
    let (allowed, present) = (vm.allow_extension_operations, vm.provision_guest_agent);
    let no_token = refused.clone().or(vm.enrolment_allowed().err());
    let no_change = refused.clone().or(vm.agent_presence_allowed(!present, detail.health).err());
    let agent_words = match (present, vm.agent.is_some()) {
        (true, true) => "present",
        (true, false) => "said to be there, has not enrolled",
        (false, _) => "none",
    };
    let id = vm.id.to_string();
    let becomes = MachineResource { allow_extensions: !allowed, ..MachineResource::of(vm) };
    let asked = fixed(MachinePlace::of(vm), Deed::AllowExtensions(becomes));
    let enrol = if vm.agent.is_some() { "Enrol again" } else { "Add an agent" };
    let href = paths::with_query(paths::VM_NEW, &[("machine", &id)]);
    let way = match no_token {
        None => view! {
            <a class="btn btn-sm" href=href>
                {enrol}
            </a>
        }
        .into_any(),
        Some(fault) => view! {
            <button type="button" class="btn btn-sm" aria-disabled="true" aria-describedby="enrol-why">
                {enrol}
            </button>
            <p class="field-hint basis-full" id="enrol-why">
                {fault.message}
            </p>
        }
        .into_any(),
    };
    view! {
        <section class="card" aria-labelledby="agent-settings-heading">
            <div class="card-head">
                <h2 id="agent-settings-heading">"Agent and extensions"</h2>
            </div>
            <div class="card-body grid gap-4">
                <dl class="key-value">
                    <dt>"Extension operations"</dt>
                    <dd>{if allowed { "allowed" } else { "switched off" }}</dd>
                    <dt>"Agent"</dt>
                    <dd>{agent_words}</dd>
                </dl>
                {allow_form(id.clone(), allowed, refused, asked)} {present_form(id, present, no_change)} <div class="row-wrap">{way}</div>
            </div>
        </section>
    }
    .into_any()
}

fn allow_form(id: String, allowed: bool, refused: Option<Fault>, asked: WhatIsAsked) -> AnyView {
    let action = FormCall::of::<VmAllowExtensions>();
    let label = if allowed { "Switch extension operations off" } else { "Allow extension operations" };
    let hint = "Off: nothing is installed, changed or removed on this machine. What is there stays.";
    flag_form(action, ("allow-extensions", id, "allowed", !allowed), label, hint, refused, asked)
}

const ONLY_HERE: &str = "The API takes provisionVMAgent when a machine is registered and never changes it afterwards. An agent that enrols or reports sets it by itself.";

fn present_form(id: String, present: bool, refused: Option<Fault>) -> AnyView {
    let action = FormCall::of::<VmAgentPresent>();
    let label = if present { "Say that no agent is there" } else { "Say that an agent is there" };
    let hint = "Set by itself when an agent enrols or reports. By hand: for an agent that was installed before; changes then wait for it.";
    flag_form(action, ("agent-present", id, "present", !present), label, hint, refused, portal_only(ONLY_HERE))
}

/// One flag: the button's id, the machine's, the field and what it becomes.
fn flag_form(
    action: FormCall<()>,
    (button, id, field, becomes): (&'static str, String, &'static str, bool),
    label: &'static str,
    hint: &'static str,
    refused: Option<Fault>,
    asked: WhatIsAsked,
) -> AnyView {
    let fault = action_fault(action.value());
    view! {
        <CallForm action attr:class="grid gap-1 justify-items-start">
            <input type="hidden" name="id" value=id />
            <input type="hidden" name=field value=becomes.to_string() />
            <div class="row-wrap w-full">
                <SubmitButton
                    id=button
                    label=Signal::stored(label.to_owned())
                    class="btn-sm"
                    refusal=Signal::stored(refused)
                    pending=action.pending()
                />
                <ShowAs id=button asked />
            </div>
            <p class="field-hint">{hint}</p>
            {move || fault.get().map(|fault| view! { <FaultLine fault /> })}
        </CallForm>
    }
    .into_any()
}
