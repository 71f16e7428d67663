//! Images: a token that is kept in an image and lets every copy in as a machine of its own.

use domain::{
    actor::Permission,
    enrolment::{IMAGE_DAYS_MOST, IMAGE_USES_MOST, ImageToken, generalise_command},
    fault::Fault,
    guest_agent::EnrolmentOffer,
    live::Topic,
    name::ResourceGroupName,
};
use leptos::prelude::*;

use super::offer::remaining_words;
use crate::{
    calls::enrolment::{ImageTokenCreate, ImageTokenRevoke, image_token_list},
    components::{
        call_form::{CallForm, FormCall},
        command::Command,
        frame::use_frame,
    },
    error::{FaultLine, action_fault, field_messages},
    live::use_live,
    typed::typed_into,
    ui::{Ago, Clock, EmptyState, Field, SubmitButton, SubmitKind, describe, loaded, use_clock},
};

/// The form, the command, and the tokens there are.
#[component]
pub fn Image() -> impl IntoView {
    let frame = use_frame();
    let create = FormCall::of::<ImageTokenCreate>();
    let revoke = FormCall::of::<ImageTokenRevoke>();
    // who may not manage machines is not asked for tokens: the page says so instead of failing
    let tokens = Resource::new(
        move || (create.version().get(), revoke.version().get()),
        move |_| async move {
            match frame.refusal_in(Permission::ManageMachines, &ResourceGroupName::usual()).await {
                Some(fault) => Ok(Err(fault)),
                None => image_token_list().await.map(Ok),
            }
        },
    );
    use_live(|| vec![Topic::Vms], move || tokens.refetch());
    let offer = Memo::new(move |_| create.value().get().and_then(Result::ok));
    view! {
        <div class="stack max-w-[752px]">
            {loaded(
                tokens,
                move |answer: Result<Vec<ImageToken>, Fault>| {
                    let refused = answer.as_ref().err().cloned();
                    let list = answer.ok().map(|tokens| view! { <Tokens tokens revoke /> });
                    view! {
                        <TokenForm create refused />
                        {move || offer.get().map(|offer| view! { <Generalise offer /> })}
                        {list}
                    }
                        .into_any()
                },
            )}
        </div>
    }
    .into_any()
}

#[component]
fn TokenForm(create: FormCall<EnrolmentOffer>, refused: Option<Fault>) -> impl IntoView {
    let fault = action_fault(create.value());
    let errors = move |field: &'static str| Signal::derive(move || field_messages(fault.get().as_ref(), field));
    let shown =
        |fault: &Fault| ["name_prefix", "uses", "days"].iter().any(|field| !fault.messages_for(field).is_empty());
    let rest = move || fault.get().filter(|fault| !shown(fault));
    let typed = typed_into::<ImageTokenCreate>();
    let (uses, days, prefix) = (typed.text("uses", "10"), typed.text("days", "30"), typed.text("name_prefix", ""));
    let number = |id: &'static str, name: &'static str, value: String, most: u32| {
        view! {
            <input
                class="input"
                id=id
                name=name
                type="number"
                min="1"
                max=most
                required
                value=value
                aria-describedby=describe(id)
            />
        }
        .into_any()
    };
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    view! {
        <section class="card" aria-labelledby="image-heading">
            <div class="card-head">
                <h2 id="image-heading">"1. Make a token for an image"</h2>
            </div>
            <CallForm action=create attr:class="card-body grid gap-4">
                <p class="hint">
                    "The token is kept in the image, for root's eyes only. Each copy enrols with it when it first starts, as a machine of its own, and deletes it then. Whoever can read the image can use the token: keep its numbers small."
                </p>
                <div class="form-grid">
                    <Field id="image-uses" label="Machines" hint=format!("At most {IMAGE_USES_MOST}.") errors=errors("uses")>
                        {number("image-uses", "uses", uses, IMAGE_USES_MOST)}
                    </Field>
                    <Field id="image-days" label="Days" hint=format!("At most {IMAGE_DAYS_MOST}.") errors=errors("days")>
                        {number("image-days", "days", days, IMAGE_DAYS_MOST)}
                    </Field>
                </div>
                <Field
                    id="image-prefix"
                    label="Name prefix"
                    hint="Goes before each machine's host name. May be empty."
                    errors=errors("name_prefix")
                >
                    <input
                        class="input"
                        id="image-prefix"
                        name="name_prefix"
                        value=prefix
                        maxlength="40"
                        autocomplete="off"
                        spellcheck="false"
                        aria-describedby=describe("image-prefix")
                    />
                </Field>
                <div class="row-wrap">
                    <SubmitButton
                        id="image-token"
                        label=Signal::stored("Make a token".to_owned())
                        icon="key"
                        kind=SubmitKind::Primary
                        refusal=Signal::stored(refused)
                        pending=create.pending()
                    />
                    <p class="field-hint" hidden=move || alive.get()>
                        "This needs scripts, because the token is shown once and kept nowhere."
                    </p>
                </div>
                {move || rest().map(|fault| view! { <FaultLine fault /> })}
            </CallForm>
        </section>
    }
    .into_any()
}

#[component]
fn Generalise(offer: EnrolmentOffer) -> impl IntoView {
    let clock = use_clock();
    let expires = offer.expires_at;
    let remaining = move || clock.now().map(|now| remaining_words(expires, now)).unwrap_or_default();
    view! {
        <section class="card" aria-labelledby="generalise-heading">
            <div class="card-head">
                <h2 id="generalise-heading">"2. Run this on the machine that becomes the image"</h2>
                <span class="meta">"works " {remaining}</span>
            </div>
            <div class="card-body grid gap-4">
                <p class="hint">
                    "Set the machine up as usual first, by any of the scripts. This stops the agent and removes its credential, its key and what its extensions left. Switch the machine off afterwards and take the image; a start in between enrols it like a copy."
                </p>
                <Command text=generalise_command(&offer) what="Make it an image" />
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Tokens(tokens: Vec<ImageToken>, revoke: FormCall<()>) -> impl IntoView {
    let fault = action_fault(revoke.value());
    let count = tokens.len();
    if tokens.is_empty() {
        let text = "Make one when you build an image whose copies shall enrol by themselves.";
        return view! {
            <section class="card">
                <EmptyState icon="key" title="No image tokens" text />
            </section>
        }
        .into_any();
    }
    let rows = tokens.into_iter().map(|token| token_row(token, use_clock(), revoke)).collect_view();
    view! {
        <section class="card" aria-labelledby="tokens-heading">
            <div class="card-head">
                <h2 id="tokens-heading">
                    "Image tokens" <span class="count">{count}</span>
                </h2>
            </div>
            {move || fault.get().map(|fault| view! { <div class="px-4 pt-3"><FaultLine fault /></div> })}
            <ul>{rows}</ul>
        </section>
    }
    .into_any()
}

fn token_row(token: ImageToken, clock: Clock, revoke: FormCall<()>) -> AnyView {
    let kept = StoredValue::new(token.clone());
    let now = move || clock.now().unwrap_or_else(|| kept.with_value(|token| token.created_at));
    let state = move || {
        kept.with_value(|token| match token.usable(now()) {
            Ok(()) => {
                let left = remaining_words(token.expires_at, now());
                format!("{} of {} uses left, {left}", token.uses_left(), token.uses_allowed)
            }
            Err(fault) => {
                let machines = if token.uses == 1 { "machine" } else { "machines" };
                format!("{} {} {machines} came.", fault.message, token.uses)
            }
        })
    };
    let refusal = Memo::new(move |_| kept.with_value(|token| token.revocable(now()).err()));
    let id = token.id.to_string();
    let title = match token.name_prefix.as_str() {
        "" => "Machines by their host names".to_owned(),
        prefix => format!("Machines named {prefix}…"),
    };
    view! {
        <li class="list-row row-wrap">
            <span class="grow grid gap-0.5 min-w-0">
                <strong class="text-table">{title}</strong>
                <span class="meta">{state}</span>
                <span class="meta">{format!("Made by {} ", token.created_by)} <Ago at=token.created_at /></span>
            </span>
            <CallForm action=revoke>
                <input type="hidden" name="id" value=id.clone() />
                <SubmitButton
                    id=format!("revoke-{id}")
                    label=Signal::stored("Revoke".to_owned())
                    class="btn-sm"
                    kind=SubmitKind::Danger
                    refusal=refusal
                    pending=revoke.pending()
                />
            </CallForm>
        </li>
    }
    .into_any()
}
