//! The top of a machine's page, the same on every tab.

use domain::{
    actor::Permission,
    guest_agent::{AgentKind, HealthWord},
    show_as::MachinePlace,
    vm::{MachineKind, VmDetail},
};
use leptos::prelude::*;

use super::power::PowerButtons;
use crate::{
    components::{
        agent_clock::AgentClock,
        head::StateHead,
        rights::Rights,
        states::{extension_look, health_look, power_look},
    },
    paths,
    ui::{Crumbs, Icon, StateChip, Tabs},
};

/// Name, states, facts, actions and tabs. `here` is the address of the tab.
#[component]
pub fn VmHead(
    /// The machine.
    detail: VmDetail,
    /// What may be done.
    rights: Rights,
    /// The address of the tab that is shown.
    #[prop(into)]
    here: String,
) -> impl IntoView {
    let vm = detail.vm.clone();
    let worst = detail.extensions.iter().map(|e| e.state).min();
    let failed = detail.extensions.iter().filter(|e| Some(e.state) == worst).count();
    let worst_chip = worst.filter(|w| *w < domain::extension::ExtensionState::Running).map(|worst| {
        let (look, icon) = extension_look(worst);
        let label = format!("{failed} of {} {}", detail.extensions.len(), worst.label().to_lowercase());
        view! { <StateChip state=look icon label large=true /> }
    });
    let health = detail.health.word();
    let (health_look, power_look) = (health_look(health), power_look(vm.power));
    let agent_word = match health {
        HealthWord::NotInstalled => health.label().to_owned(),
        _ => format!("Agent: {}", health.label().to_lowercase()),
    };
    let chips = view! {
        <span class="contents">
            <StateChip state=power_look.0 icon=power_look.1 label=format!("Power: {}", vm.power.label().to_lowercase()) large=true />
            <StateChip state=health_look.0 icon=health_look.1 label=agent_word large=true />
            {worst_chip}
        </span>
    };
    let system = vm.os.as_ref().map(|os| os.pretty_name.clone());
    let agent = vm.agent.as_ref().map(|agent| {
        let kind = match agent.kind {
            AgentKind::Native => "annex-agent",
            AgentKind::Waagent => "waagent",
        };
        if agent.version.is_empty() { kind.to_owned() } else { format!("{kind} {}", agent.version) }
    });
    let facts = view! {
        <span>{vm.kind.label()}</span>
        {system.map(|system| view! { <span>{system}</span> })}
        {vm.architecture.clone().map(|architecture| view! { <span class="mono">{architecture}</span> })}
        {agent.map(|agent| view! { <span>{agent}</span> })}
    };
    let tabs = vec![
        (paths::vm(vm.id), "Overview", None),
        (paths::vm_extensions(vm.id), "Extensions", Some(detail.extensions.len())),
        (paths::vm_activity(vm.id), "Activity", None),
        (paths::vm_agent(vm.id), "Agent", None),
        (paths::vm_json(vm.id), "Instance view", None),
    ];
    let lab = vm.kind == MachineKind::Lab;
    let refused = detail.extension_change.clone();
    let forbidden = rights.refusal_on(Permission::ChangeMachines, &vm);
    view! {
        <Crumbs above=vec![(paths::VMS.to_owned(), "Machines".to_owned())] here=vm.name.to_string() />
        <StateHead title=vm.name.to_string() chips=chips.into_any() facts=facts.into_any()>
            <AgentClock agent=vm.agent.clone() health=detail.health />
            {lab.then(|| view! { <PowerButtons vm=vm.id place=MachinePlace::of(&vm) actions=detail.power_actions forbidden /> })}
            {install_control(vm.id, refused)}
        </StateHead>
        <Tabs label="Machine" tabs here />
    }
}

fn install_control(vm: domain::ids::VmId, refused: Option<domain::fault::Fault>) -> AnyView {
    match refused {
        None => {
            let href = paths::with_query(paths::MARKETPLACE, &[("target", &vm.to_string())]);
            view! {
                <a class="btn btn-primary" href=href>
                    <Icon name="plus" class="icon-14" />
                    "Install extension"
                </a>
            }
            .into_any()
        }
        Some(fault) => view! {
            <button type="button" class="btn" aria-disabled="true" aria-describedby="install-why">
                "Install extension"
            </button>
            <span class="field-hint basis-full" id="install-why">
                {fault.message}
            </span>
        }
        .into_any(),
    }
}
