//! An enrolment token, the commands that use it, and the moment at which the machine appears.

use domain::{
    actor::Permission,
    guest_agent::{ENROLMENT_LONGEST_MINUTES, EnrolmentOffer},
    live::Topic,
    page::PageRequest,
    timestamp::Timestamp,
    vm::{VmFilter, VmSummary},
};
use leptos::prelude::*;

use crate::{
    calls::vms::{OfferEnrolment, vm_list},
    components::{
        call_form::{CallForm, FormCall},
        frame::use_frame,
        part::part,
    },
    error::{FaultLine, action_fault, field_messages},
    live::use_live,
    paths,
    typed::typed_into,
    ui::{CopyButton, Field, Icon, SubmitButton, SubmitKind, describe, lasting, use_clock},
};

/// The form, then the commands.
#[component]
pub fn Enrol() -> impl IntoView {
    let frame = use_frame();
    let action = FormCall::of::<OfferEnrolment>();
    let value = action.value();
    let offer = Memo::new(move |_| value.get().and_then(Result::ok));
    view! {
        <div class="stack max-w-[760px]">
            {part(
                frame.0,
                move |frame| {
                    let refused = frame.actor.require(Permission::ManageMachines).err();
                    view! { <OfferForm action refused /> }.into_any()
                },
            )}
            {move || offer.get().map(|offer| view! { <Commands offer /> })}
        </div>
    }
}

#[component]
fn OfferForm(action: FormCall<EnrolmentOffer>, refused: Option<domain::fault::Fault>) -> impl IntoView {
    let fault = action_fault(action.value());
    let typed = typed_into::<OfferEnrolment>();
    let lives = ["10", "30", "60"]
        .map(|minutes| {
            let chosen = typed.is_chosen("minutes", minutes, minutes == "30");
            view! { <option {..lasting("selected", chosen)} value=minutes>{format!("{minutes} minutes")}</option> }
        })
        .collect_view();
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let errors = Signal::derive(move || field_messages(fault.get().as_ref(), "name"));
    // what no field shows stands at the button
    let rest = move || fault.get().filter(|f| f.messages_for("name").is_empty());
    view! {
        <section class="card" aria-labelledby="token-heading">
            <div class="card-head">
                <h2 id="token-heading">"1. Make an enrolment token"</h2>
            </div>
            <CallForm action attr:class="card-body grid gap-4">
                <p class="hint">
                    "A token lets one machine in, once. The portal keeps only its hash, so it is shown here and nowhere else."
                </p>
                <div class="form-grid">
                    <Field id="enrol-name" label="Name in the portal" hint="Empty: the machine's own host name." errors>
                        <input
                            class="input"
                            id="enrol-name"
                            name="name"
                            value=typed.text("name", "")
                            autocomplete="off"
                            spellcheck="false"
                            aria-describedby=describe("enrol-name")
                        />
                    </Field>
                    <Field id="enrol-minutes" label="Works for" hint=format!("At most {ENROLMENT_LONGEST_MINUTES} minutes.")>
                        <select class="select" id="enrol-minutes" name="minutes" aria-describedby=describe("enrol-minutes")>
                            {lives}
                        </select>
                    </Field>
                </div>
                <div class="row-wrap">
                    <SubmitButton
                        id="offer"
                        label=Signal::stored("Make a token".to_owned())
                        icon="key"
                        kind=SubmitKind::Primary
                        refusal=Signal::stored(refused)
                        pending=action.pending()
                    />
                    <p class="field-hint" hidden=move || alive.get()>
                        "This needs scripts, because the token is shown once and kept nowhere."
                    </p>
                </div>
                {move || rest().map(|fault| view! { <FaultLine fault /> })}
            </CallForm>
        </section>
    }
}

#[component]
fn Commands(offer: EnrolmentOffer) -> impl IntoView {
    let enrol = format!("sudo annex-agent enrol {} {}", offer.server_url, offer.token);
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
                    "Put the program " <code>"annex-agent"</code>
                    " on it first: one static file for Linux, no other package needed. If this portal's certificate comes from a private authority, add "
                    <code>"--ca FILE"</code> "."
                </p>
                <Command text=enrol what="Introduce it" />
                <Command text="sudo annex-agent run".to_owned() what="Keep the agent running, for example as a service" />
            </div>
        </section>
        <Arrival offer />
    }
}

#[component]
fn Command(text: String, what: &'static str) -> impl IntoView {
    view! {
        <div class="code-block enrol-box !gap-0">
            <header>
                <span>{what}</span>
                <CopyButton text=text.clone() label="Copy the command" />
            </header>
            <pre tabindex="0" aria-label=what>
                {text}
            </pre>
        </div>
    }
}

/// Waits for a machine that enrolled after the token was made.
#[component]
fn Arrival(offer: EnrolmentOffer) -> impl IntoView {
    let clock = use_clock();
    let expires = offer.expires_at;
    let since = Timestamp::from_millis(expires.millis() - i64::from(ENROLMENT_LONGEST_MINUTES) * 60_000);
    let opened = StoredValue::new(None::<Timestamp>);
    let list = LocalResource::new(move || async move {
        let filter = VmFilter { sort: "-created".into(), ..VmFilter::default() };
        vm_list(filter, PageRequest::default()).await.map(|page| page.items)
    });
    use_live(|| vec![Topic::Vms], move || list.refetch());
    let arrived = Memo::new(move |_| {
        // nothing that had enrolled before the token was shown is the answer to it
        let begun = opened.get_value().or_else(|| {
            opened.set_value(clock.now());
            clock.now()
        });
        let begun = begun.map_or(since, |begun| begun.plus_millis(-5_000));
        list.get()?.ok()?.into_iter().find(|vm| enrolled_since(vm, begun))
    });
    let over = move || clock.now().is_some_and(|now| now > expires);
    view! {
        <div role="status">
            {move || match arrived.get() {
                Some(vm) => arrival(&vm),
                None if over() => {
                    view! {
                        <div class="banner" data-state="warn">
                            <Icon name="clock" />
                            <div class="grow">
                                <strong>"The token has expired"</strong>
                                "No machine used it. Make another one above."
                            </div>
                        </div>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <div class="banner" data-state="info">
                            <Icon name="arc" class="spin" />
                            <div class="grow">
                                <strong>"Waiting for the machine…"</strong>
                                "This page notices by itself when it has enrolled. It is safe to leave."
                            </div>
                        </div>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

fn arrival(vm: &VmSummary) -> AnyView {
    view! {
        <div class="banner" data-state="ready">
            <Icon name="check" />
            <div class="grow">
                <strong>{format!("{} has enrolled", vm.name)}</strong>
                "Its token is used up. Start the agent on it, then install something."
            </div>
            <a class="btn btn-primary btn-sm" href=paths::vm(vm.id)>
                {format!("Open {}", vm.name)}
            </a>
        </div>
    }
    .into_any()
}

fn enrolled_since(vm: &VmSummary, begun: Timestamp) -> bool {
    vm.enrolled_at.is_some_and(|at| at >= begun)
}

/// `for 9 min 40 s`.
fn remaining_words(expires: Timestamp, now: Timestamp) -> String {
    match u64::try_from(expires.millis_since(now) / 1_000) {
        Ok(seconds) if seconds >= 60 => format!("for {} min {} s", seconds / 60, seconds % 60),
        Ok(seconds) if seconds > 0 => format!("for {seconds} s"),
        _ => "expired".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remaining_time_runs_down() {
        let at = |s: i64| Timestamp::from_millis(s * 1_000);
        assert_eq!(remaining_words(at(600), at(20)), "for 9 min 40 s");
        assert_eq!(remaining_words(at(600), at(560)), "for 40 s");
        assert_eq!(remaining_words(at(600), at(601)), "expired");
    }
}
