//! A token, the command that uses it, the script to read first, and the moment at which the machine appears.

use domain::{
    actor::Permission, enrolment::EnrolScript, guest_agent::EnrolmentOffer, ids::VmId, name::ResourceGroupName,
    vm::VmDetail,
};
use leptos::prelude::*;

use super::{
    arrival::Arrival,
    offer::{OfferForm, remaining_words},
};
use crate::{
    calls::{
        enrolment::{OfferEnrolment, enrol_script},
        vms::vm_get,
    },
    components::{call_form::FormCall, command::Command, rights::loaded_with_rights},
    paths,
    ui::{Icon, loaded, use_clock},
};

/// One way of giving a machine an agent.
#[component]
pub fn Enrol(
    /// By which script.
    script: Memo<EnrolScript>,
    /// The registered machine that gets it.
    machine: Memo<Option<VmId>>,
) -> impl IntoView {
    let action = FormCall::of::<OfferEnrolment>();
    let value = action.value();
    let offer = Memo::new(move |_| value.get().and_then(Result::ok));
    let registered = Resource::new(
        move || machine.get(),
        |id| async move {
            match id {
                Some(id) => vm_get(id).await.map(Some),
                None => Ok(None),
            }
        },
    );
    view! {
        <div class="stack max-w-[752px]">
            {loaded_with_rights(
                registered,
                move |registered, rights| {
                    let refused = match &registered {
                        Some(detail) => {
                            let refused = rights.refusal_on(Permission::ManageMachines, &detail.vm);
                            refused.or(detail.vm.enrolment_allowed().err())
                        }
                        None => rights.refusal_in(Permission::ManageMachines, &ResourceGroupName::usual()),
                    };
                    let named = registered.as_ref().map(|detail| (detail.vm.id, detail.vm.name.to_string()));
                    view! {
                        {registered.map(|detail| view! { <Registered detail /> })}
                        <OfferForm action machine=named refused />
                    }
                        .into_any()
                },
            )}
            {move || {
                offer
                    .get()
                    .map(|offer| {
                        view! {
                            <Commands offer=offer.clone() script again=Signal::derive(move || machine.get().is_some()) />
                            <Arrival offer script registered=machine.get_untracked().is_some() />
                        }
                    })
            }} <Script script /> <Uninstall script />
        </div>
    }
    .into_any()
}

/// Which machine it is about.
#[component]
fn Registered(detail: VmDetail) -> impl IntoView {
    let text = match detail.vm.agent {
        Some(_) => {
            "It has a credential already. A new enrolment replaces it at once: for a machine whose credential was lost, or whose disk was made anew."
        }
        None => "It is registered without an agent. With a token from here it becomes this machine, not another one.",
    };
    view! {
        <div class="banner" data-state="info">
            <Icon name="machine" />
            <div class="grow">
                <strong>{format!("An agent for {}", detail.vm.name)}</strong>
                {text}
            </div>
            <a class="btn btn-sm" href=paths::vm(detail.vm.id)>
                {format!("Back to {}", detail.vm.name)}
            </a>
        </div>
    }
    .into_any()
}

#[component]
fn Commands(offer: EnrolmentOffer, script: Memo<EnrolScript>, again: Signal<bool>) -> impl IntoView {
    let clock = use_clock();
    let expires = offer.expires_at;
    let remaining = move || match clock.now() {
        Some(now) => remaining_words(expires, now),
        None => "for a while".to_owned(),
    };
    view! {
        <section class="card" aria-labelledby="commands-heading">
            <div class="card-head">
                <h2 id="commands-heading">"2. Run this on the machine"</h2>
                <span class="meta">"works once, " {remaining}</span>
            </div>
            <div class="card-body grid gap-4">
                <p class="hint">
                    "The script is fetched first and run then, so that it can be read in between; fetching it does not use the token up. It can be run again."
                </p>
                {move || {
                    view! { <Command text=script.get().command(&offer, again.get()) what="Fetch the script, then run it" /> }
                }}
            </div>
        </section>
    }
    .into_any()
}

/// The script as the machine gets it.
#[component]
fn Script(script: Memo<EnrolScript>) -> impl IntoView {
    let text = Resource::new(move || script.get(), enrol_script);
    let about = move || match script.get() {
        EnrolScript::Foreground => {
            "It puts annex-agent on the machine and enrols it. There is no service: whatever starts the container or the WSL distribution keeps annex-agent run in the foreground."
        }
        EnrolScript::AnnexAgent => {
            "It puts annex-agent on the machine, enrols it and makes it a service under systemd. No other agent is needed."
        }
        _ => {
            "It installs the distribution's own package of the Azure Linux Agent and annex-agent, enrols the machine, sets the agent up for use outside Azure and starts both under systemd."
        }
    };
    view! {
        <section class="card" aria-labelledby="script-heading">
            <div class="card-head">
                <h2 id="script-heading">"What the script does"</h2>
            </div>
            <div class="card-body grid gap-4">
                <p class="hint">{about}</p>
                {loaded(
                    text,
                    |text| view! { <Command text what="The whole script" class="max-h-[420px] overflow-y-auto" /> }.into_any(),
                )}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Uninstall(script: Memo<EnrolScript>) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="uninstall-heading">
            <div class="card-head">
                <h2 id="uninstall-heading">"To take it away again"</h2>
            </div>
            <div class="card-body grid gap-4">
                <p class="hint">
                    "This removes the service and what was added to other files, puts "
                    <code>"/etc/waagent.conf"</code>
                    " back as it was and forgets the credential. The distribution's package and extensions that were installed stay."
                </p>
                {move || view! { <Command text=script.get().uninstall() what="Uninstall" /> }}
            </div>
        </section>
    }
    .into_any()
}
