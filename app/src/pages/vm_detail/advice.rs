//! Why a machine's agent is not ready, and what to do next.

use domain::{actor::Permission, agent_trouble::Advice, guest_agent::HealthWord, vm::VmDetail};
use leptos::prelude::*;

use crate::{
    components::rights::Rights,
    paths,
    ui::{CopyButton, Icon},
};

/// A banner with the reason and the next step; nothing for an agent that is ready.
#[component]
pub fn AdviceBanner(
    /// The machine.
    detail: VmDetail,
    /// Of whoever looks.
    rights: Rights,
) -> impl IntoView {
    let refused = rights.refusal_on(Permission::ManageMachines, &detail.vm);
    let Some(Advice { title, reason, next_step, command, enrol }) = detail.advice else { return ().into_any() };
    let trouble = detail.health.word() == HealthWord::NotResponding;
    let again = detail.vm.agent.is_some();
    // whoever may not reads why under "Agent and extensions"
    let way = (enrol && refused.is_none()).then(|| {
        let href = paths::with_query(paths::VM_NEW, &[("machine", &detail.vm.id.to_string())]);
        let label = if again { "Enrol again" } else { "Add an agent" };
        view! { <a class="btn btn-sm" href=href>{label}</a> }
    });
    let (state, icon) = if trouble { ("warn", "silent") } else { ("info", "pause") };
    view! {
        <div class="banner mb-4" data-state=state>
            <Icon name=icon />
            <div class="grow">
                <strong>{title}</strong>
                <p>{reason}</p>
                <p>{next_step}</p>
                {command
                    .map(|command| {
                        view! {
                            <p class="row !gap-1">
                                <code>{command.clone()}</code>
                                <CopyButton text=command label="Copy the command" />
                            </p>
                        }
                    })}
            </div>
            {way}
        </div>
    }
    .into_any()
}
