//! Why a machine's agent is not ready, and what to do next.

use domain::{agent_trouble::Advice, guest_agent::HealthWord, vm::VmDetail};
use leptos::prelude::*;

use crate::{
    paths,
    ui::{CopyButton, Icon},
};

/// A banner with the reason and the next step; nothing for an agent that is ready.
#[component]
pub fn AdviceBanner(
    /// The machine.
    detail: VmDetail,
) -> impl IntoView {
    let Some(Advice { title, reason, next_step, command, enrol }) = detail.advice else { return ().into_any() };
    let trouble = detail.health.word() == HealthWord::NotResponding;
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
            {enrol
                .then(|| {
                    view! {
                        <a class="btn btn-sm" href=paths::VM_NEW>
                            "Enrol it"
                        </a>
                    }
                })}
        </div>
    }
    .into_any()
}
