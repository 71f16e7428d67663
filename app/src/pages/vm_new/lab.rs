//! A lab machine: a real agent in namespaces of its own on the portal's host.

use domain::{actor::Permission, fault::Fault, name::ResourceGroupName, portal::LabIsolation};
use leptos::prelude::*;

use crate::{
    calls::vms::{LabAcceptRisk, LabVmCreate, lab_isolation},
    components::{
        call_form::{CallForm, FormCall},
        rights::loaded_with_rights,
        show_as::{ShowAs, portal_only},
    },
    error::{FaultLine, action_fault, field_messages},
    typed::typed_into,
    ui::{Field, Icon, SubmitButton, SubmitKind, describe},
};

/// How this host isolates lab machines, and the form.
#[component]
pub fn Lab() -> impl IntoView {
    let isolation = Resource::new(|| (), |()| lab_isolation());
    let risk = FormCall::of::<LabAcceptRisk>();
    Effect::new(move |_| {
        if risk.version().get() > 0 {
            isolation.refetch();
        }
    });
    loaded_with_rights(isolation, move |isolation, rights| {
        let refused = rights.refusal_in(Permission::ManageMachines, &ResourceGroupName::lab());
        let no_risk = rights.refusal(Permission::AcceptRisk);
        view! {
            <div class="stack max-w-[752px]">
                <Isolation isolation=isolation.clone() risk refused=no_risk />
                <CreateForm isolation refused />
            </div>
        }
        .into_any()
    })
}

#[component]
fn Isolation(isolation: LabIsolation, risk: FormCall<()>, refused: Option<Fault>) -> impl IntoView {
    let fault = action_fault(risk.value());
    let (state, icon, title) = match (isolation.isolated, isolation.risk_accepted) {
        (true, _) => ("info", "shield", "What a lab machine is"),
        (false, true) => ("warn", "shield-off", "Lab machines run without isolation here"),
        (false, false) => ("warn", "shield-off", "This host cannot isolate lab machines"),
    };
    let text = if isolation.isolated {
        "A real annex-agent with its own processes, users, network and files. Scripts in it run as its root and do not touch this host."
    } else {
        "Scripts on a lab machine would run with the rights of the portal's user, on this host's own files and processes."
    };
    let consent = (!isolation.isolated).then(|| {
        let (label, kind) = if isolation.risk_accepted {
            ("No longer accept this", SubmitKind::Plain)
        } else {
            ("I accept that they run without isolation", SubmitKind::Danger)
        };
        view! {
            <CallForm action=risk attr:class="mt-3 grid gap-2 justify-items-start">
                <input type="hidden" name="accepted" value=(!isolation.risk_accepted).to_string() />
                <SubmitButton
                    id="risk"
                    label=Signal::stored(label.to_owned())
                    kind
                    refusal=Signal::stored(refused)
                    pending=risk.pending()
                />
                {move || fault.get().map(|fault| view! { <FaultLine fault /> })}
            </CallForm>
        }
    });
    view! {
        <div class="banner" data-state=state>
            <Icon name=icon />
            <div class="grow">
                <strong>{title}</strong>
                <p>{text}</p>
                <p class="mt-1 text-muted">{isolation.explanation}</p>
                {consent}
            </div>
        </div>
    }
}

#[component]
fn CreateForm(isolation: LabIsolation, refused: Option<Fault>) -> impl IntoView {
    let action = FormCall::of::<LabVmCreate>();
    let fault = action_fault(action.value());
    let errors = Signal::derive(move || field_messages(fault.get().as_ref(), "name"));
    let rest = move || fault.get().filter(|f| f.messages_for("name").is_empty());
    let typed = typed_into::<LabVmCreate>();
    let (name, outside) = (typed.text("name", ""), typed.is_chosen("outside_network", "true", false));
    let unsafe_here = (!isolation.isolated && !isolation.risk_accepted).then(|| {
        Fault::not_allowed(
            "Lab machines cannot be isolated on this host. An Owner can accept that above, or use another host.",
        )
    });
    let refused = refused.or(unsafe_here);
    view! {
        <section class="card" aria-labelledby="lab-heading">
            <div class="card-head">
                <h2 id="lab-heading">"Start a lab machine"</h2>
            </div>
            <CallForm action attr:class="card-body grid gap-4">
                <Field
                    id="lab-name"
                    label="Name"
                    required=true
                    hint="Letters, digits, hyphens, underscores and dots; at most 64."
                    errors
                >
                    <input
                        class="input"
                        id="lab-name"
                        name="name"
                        value=name
                        required
                        maxlength="64"
                        autocomplete="off"
                        spellcheck="false"
                        aria-describedby=describe("lab-name")
                        aria-invalid=move || errors.with(|e| !e.is_empty()).then_some("true")
                    />
                </Field>
                <div>
                    <label class="check">
                        <input class="checkbox" type="checkbox" name="outside_network" value="true" checked=outside />
                        "May reach addresses outside this host"
                    </label>
                    <p class="field-hint">
                        "Off: it reaches nothing but this portal. Scripts that fetch something from elsewhere need it. It can be changed later."
                    </p>
                </div>
                <div class="row-wrap">
                    <SubmitButton
                        id="lab-create"
                        label=Signal::stored("Start a lab machine".to_owned())
                        icon="play"
                        kind=SubmitKind::Primary
                        refusal=Signal::stored(refused)
                        pending=action.pending()
                    />
                    <ShowAs
                        id="lab-create"
                        asked=portal_only("Lab machines run on the portal's own host and only the portal makes them. Once there, the API knows them like any other machine.")
                    />
                </div>
                {move || rest().map(|fault| view! { <FaultLine fault /> })}
            </CallForm>
        </section>
    }
}
