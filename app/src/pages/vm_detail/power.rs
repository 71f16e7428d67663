//! Start, stop and restart of a lab machine.

use domain::{
    fault::Fault,
    ids::VmId,
    show_as::{Deed, MachinePlace},
    vm::PowerAction,
};
use leptos::prelude::*;

use crate::{
    calls::vms::VmPower,
    components::{
        call_form::{CallForm, FormCall},
        confirm::Confirm,
        show_as::{ShowAs, fixed},
    },
    error::{FaultLine, action_fault},
    ui::{SubmitButton, SubmitKind},
};

/// One control for each action that makes sense now; stopping and restarting ask first, because what runs ends.
#[component]
pub fn PowerButtons(
    /// The machine.
    vm: VmId,
    /// Where it stands.
    place: MachinePlace,
    /// What may be done, each with the reason when not.
    actions: Vec<(PowerAction, Option<Fault>)>,
    /// Why this person may not do any of it.
    forbidden: Option<Fault>,
) -> impl IntoView {
    // what this state of power rules out is left out, as long as something remains to be pressed
    let any = actions.iter().any(|(_, refused)| refused.is_none());
    let shown: Vec<_> = if any {
        actions.into_iter().filter(|(_, refused)| refused.is_none()).collect()
    } else {
        actions.into_iter().take(1).collect()
    };
    match forbidden {
        None => shown.into_iter().map(|(action, refused)| one(vm, &place, action, refused)).collect_view().into_any(),
        Some(fault) => {
            let buttons = shown.into_iter().map(|(action, _)| {
                view! {
                    <button type="button" class="btn" aria-disabled="true" aria-describedby="power-why">
                        {action.label()}
                    </button>
                }
            });
            view! {
                {buttons.collect_view()}
                <span class="field-hint basis-full" id="power-why">
                    {fault.message}
                </span>
            }
            .into_any()
        }
    }
}

fn one(vm: VmId, place: &MachinePlace, power: PowerAction, refused: Option<Fault>) -> AnyView {
    let asked = fixed(place.clone(), Deed::Power(power));
    let action = FormCall::of::<VmPower>();
    let fault = action_fault(action.value());
    let (id, label) = (power.label().to_lowercase(), power.label());
    let form = |kind: SubmitKind, refusal: Option<Fault>, text: String, id: String| {
        view! {
            <CallForm action>
                <input type="hidden" name="id" value=vm.to_string() />
                <input type="hidden" name="action" value=label />
                <SubmitButton
                    id
                    label=Signal::stored(text)
                    kind
                    refusal=Signal::stored(refusal)
                    pending=action.pending()
                />
            </CallForm>
        }
        .into_any()
    };
    let failed = move || fault.get().map(|fault| view! { <FaultLine fault /> });
    if power == PowerAction::Start {
        return view! {
            {form(SubmitKind::Plain, refused, label.to_owned(), id.clone())}
            <ShowAs id asked />
            {failed}
        }
        .into_any();
    }
    let consequence = match power {
        PowerAction::Stop => "Every process in it ends. Changes wait until it is started again; its disk is kept.",
        _ => {
            "Every process in it ends and it starts again with the same disk. A run that is going on is taken up again by its agent."
        }
    };
    let deed = form(SubmitKind::DangerSolid, None, format!("{label} now"), format!("{id}-now"));
    view! {
        <Confirm
            id=id.clone()
            label=format!("{label}…")
            class="btn"
            title=format!("{label} this machine?")
            refused
            keep="Leave it on"
            deed
        >
            <p class="text-muted">{consequence}</p>
            <ShowAs id=id.clone() within=id asked />
            {failed}
        </Confirm>
    }
    .into_any()
}
