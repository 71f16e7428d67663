//! The form that makes a token for one machine.

use domain::{
    fault::Fault,
    guest_agent::{ENROLMENT_LONGEST_MINUTES, EnrolmentOffer},
    ids::VmId,
    timestamp::Timestamp,
};
use leptos::prelude::*;

use crate::{
    calls::enrolment::OfferEnrolment,
    components::{
        call_form::{CallForm, FormCall},
        show_as::{ShowAs, portal_only},
    },
    error::{FaultLine, action_fault, field_messages},
    typed::typed_into,
    ui::{Field, SubmitButton, SubmitKind, describe, lasting},
};

/// Name and life of the token; for a registered machine, its life alone.
#[component]
pub fn OfferForm(
    /// Makes it.
    action: FormCall<EnrolmentOffer>,
    /// The registered machine that it is for, with its name when that could be read.
    machine: Option<(VmId, String)>,
    /// Why this person may not, or why it cannot be.
    refused: Option<Fault>,
) -> impl IntoView {
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
    let whose = match &machine {
        Some((_, name)) => format!(
            "It lets {name} in, once. Whatever credential that machine has now is void from then on. The portal keeps only the token's hash."
        ),
        None => "It lets one machine in, once. The portal keeps only its hash, so it is shown here and nowhere else."
            .to_owned(),
    };
    let named = match machine {
        Some((id, _)) => view! { <input type="hidden" name="machine" value=id.to_string() /> }.into_any(),
        None => view! {
            <Field id="enrol-name" label="Name in the portal" hint="Empty: the machine's own host name." errors>
                <input
                    class="input"
                    id="enrol-name"
                    name="name"
                    value=typed.text("name", "")
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby=describe("enrol-name")
                    aria-invalid=move || errors.with(|e| !e.is_empty()).then_some("true")
                />
            </Field>
        }
        .into_any(),
    };
    view! {
        <section class="card" aria-labelledby="token-heading">
            <div class="card-head">
                <h2 id="token-heading">"1. Make an enrolment token"</h2>
            </div>
            <CallForm action attr:class="card-body grid gap-4">
                <p class="hint">{whose}</p>
                <div class="form-grid">
                    {named}
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
                    <ShowAs id="offer" asked=portal_only(TOKEN_ONLY_HERE) />
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

/// Why programs make no enrolment tokens.
pub(super) const TOKEN_ONLY_HERE: &str = "A token that enrols a machine is the portal's own: ARM knows no such thing. Without an agent, a machine can be registered through the API.";

/// `for 9 min 40 s`.
pub fn remaining_words(expires: Timestamp, now: Timestamp) -> String {
    match u64::try_from(expires.millis_since(now) / 1_000) {
        Ok(seconds) if seconds >= 2 * 86_400 => format!("for {} days", seconds / 86_400),
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
        assert_eq!(remaining_words(at(90 * 86_400), at(0)), "for 90 days");
    }
}
