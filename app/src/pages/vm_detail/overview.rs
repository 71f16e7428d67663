//! One machine at a glance.

use domain::{
    actor::Permission,
    page::PageRequest,
    show_as::{Deed, MachinePlace},
    vm::{MachineKind, VmDetail},
};
use leptos::prelude::*;

use super::{
    advice::AdviceBanner,
    head::VmHead,
    settings_card::AgentSettings,
    tags::{EditTags, TagChips},
    use_vm,
};
use crate::{
    calls::{
        account::activity_list,
        vms::{LabVmNetwork, VmDelete},
    },
    components::{
        call_form::{CallForm, FormCall},
        confirm::Confirm,
        extension_table::ExtensionTable,
        frame::use_frame,
        rights::Rights,
        show_as::{ShowAs, fixed, portal_only},
        states::OutcomeChip,
    },
    error::{FaultLine, action_fault},
    paths,
    ui::{Ago, CopyButton, EmptyState, SubmitButton, SubmitKind, failed, ready, waiting},
};

/// One machine at a glance.
#[component]
pub fn OverviewPage() -> impl IntoView {
    let (id, vm) = use_vm();
    // the newest lines change with the machine
    let recent = Resource::new(
        move || id.get(),
        |id| async move {
            let filter = domain::activity::ActivityFilter { vm: id, ..Default::default() };
            activity_list(filter, PageRequest::new(1, 6)).await.map(|page| page.items)
        },
    );
    crate::live::use_live(
        move || id.get().map(domain::live::Topic::Vm).into_iter().collect(),
        move || recent.refetch(),
    );
    let frame = use_frame();
    waiting(true, move || {
        Box::pin(async move {
            let rights = Rights::of(frame).await;
            let lines = recent.await.unwrap_or_default();
            let answer = vm.await;
            ready(move || match answer {
                Ok(detail) => whole(detail, lines, rights),
                Err(error) => failed(vm, error),
            })
        })
    })
}

fn whole(detail: VmDetail, lines: Vec<domain::activity::ActivityEntry>, rights: Rights) -> AnyView {
    let vm = detail.vm.id;
    view! {
        <VmHead detail=detail.clone() rights=rights.clone() here=paths::vm(vm) />
        <AdviceBanner detail=detail.clone() rights=rights.clone() />
        <div class="split">
            <Extensions detail=detail.clone() />
            <aside class="stack sticky-side" aria-label="Facts and activity">
                <Facts detail=detail.clone() rights=rights.clone() />
                <AgentSettings detail rights />
                <section class="card">
                    <div class="card-head">
                        <h2>"Timeline"</h2>
                        <a class="link text-table" href=paths::vm_activity(vm)>
                            "All activity"
                        </a>
                    </div>
                    {timeline(lines)}
                </section>
            </aside>
        </div>
    }
    .into_any()
}

#[component]
fn Extensions(detail: VmDetail) -> impl IntoView {
    let count = detail.extensions.len();
    let body = if detail.extensions.is_empty() {
        view! { <NoExtensions /> }.into_any()
    } else {
        view! { <ExtensionTable vm=detail.vm.id extensions=detail.extensions /> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="extensions-heading">
            <div class="card-head">
                <h2 id="extensions-heading">
                    "Extensions" <span class="count">{count}</span>
                </h2>
            </div>
            {body}
        </section>
    }
}

/// Nothing installed yet.
#[component]
pub fn NoExtensions() -> impl IntoView {
    view! {
        <EmptyState icon="marketplace" title="No extensions yet" text="Choose one in the marketplace; it says what it does to a machine before you install it.">
            <a class="btn" href=paths::MARKETPLACE>
                "Open the marketplace"
            </a>
        </EmptyState>
    }
}

#[component]
fn Facts(detail: VmDetail, rights: Rights) -> impl IntoView {
    let vm = detail.vm;
    let place = MachinePlace::of(&vm);
    let goal = vm.agent.as_ref().map(|agent| match (agent.fetched_incarnation, agent.reported_incarnation) {
        (_, Some(reported)) if reported == vm.incarnation => format!("incarnation {}, reported", vm.incarnation),
        (Some(fetched), _) if fetched == vm.incarnation => {
            format!("incarnation {}, fetched, not reported yet", vm.incarnation)
        }
        _ => format!("incarnation {}, not fetched yet", vm.incarnation),
    });
    let no_tags = rights.refusal_on(Permission::ChangeMachines, &vm);
    let no_removal = rights.refusal_on(Permission::ManageMachines, &vm);
    let id = vm.id.to_string();
    let lab = vm.kind == MachineKind::Lab;
    view! {
        <section class="card">
            <div class="card-head">
                <h2>"Facts"</h2>
                <EditTags vm=vm.clone() refused=no_tags />
            </div>
            <div class="card-body grid gap-4">
                <dl class="key-value">
                    <dt>"Id"</dt>
                    <dd class="row !gap-1">
                        <code class="truncate-1">{id.clone()}</code>
                        <CopyButton text=id label="Copy the id" />
                    </dd>
                    <dt>"Group"</dt>
                    <dd>{vm.resource_group.to_string()}</dd>
                    {vm.hostname.map(|hostname| view! { <dt>"Host name"</dt> <dd>{hostname}</dd> })}
                    <dt>"Tags"</dt>
                    <dd class="flex gap-1 flex-wrap">
                        <TagChips tags=vm.tags />
                    </dd>
                    <dt>"Goal state"</dt>
                    <dd>{goal.unwrap_or_else(|| format!("incarnation {}", vm.incarnation))}</dd>
                    {vm
                        .agent
                        .map(|agent| {
                            view! {
                                <dt>"Enrolled"</dt>
                                <dd>
                                    <Ago at=agent.enrolled_at />
                                </dd>
                                {agent
                                    .last_status_at
                                    .map(|at| {
                                        view! {
                                            <dt>"Last report"</dt>
                                            <dd>
                                                <Ago at />
                                            </dd>
                                        }
                                    })}
                            }
                        })} <dt>"Added"</dt>
                    <dd>
                        <Ago at=vm.created_at />
                    </dd>
                    {vm.isolation.map(|isolation| view! { <dt>"Isolation"</dt> <dd>{isolation}</dd> })}
                    {lab
                        .then(|| {
                            view! {
                                <dt>"Network"</dt>
                                <dd>
                                    {if vm.outside_network { "may reach addresses outside" } else { "reaches only this portal" }}
                                </dd>
                            }
                        })}
                </dl>
                <Manage name=vm.name.to_string() place vm=vm.id lab outside=vm.outside_network refused=no_removal />
            </div>
        </section>
    }
}

/// What takes the right to manage machines: the network of a lab machine, and removal.
#[component]
fn Manage(
    name: String,
    place: MachinePlace,
    vm: domain::ids::VmId,
    lab: bool,
    outside: bool,
    refused: Option<domain::fault::Fault>,
) -> impl IntoView {
    view! {
        <div class="grid gap-3 justify-items-start">
            {lab.then(|| network_form(vm, outside, refused.clone()))} {remove_form(vm, name, place, lab, refused)}
        </div>
    }
}

const NETWORK_ONLY_HERE: &str = "The network of a lab machine is the portal's own: the API knows no such setting.";

fn network_form(vm: domain::ids::VmId, outside: bool, refused: Option<domain::fault::Fault>) -> impl IntoView {
    let action = FormCall::of::<LabVmNetwork>();
    let fault = action_fault(action.value());
    let label = if outside { "Keep it from reaching outside" } else { "Let it reach outside" };
    view! {
        <CallForm action attr:class="w-full">
            <input type="hidden" name="id" value=vm.to_string() />
            <input type="hidden" name="outside" value=(!outside).to_string() />
            <div class="row-wrap">
                <SubmitButton
                    id="network"
                    label=Signal::stored(label.to_owned())
                    class="btn-sm"
                    refusal=Signal::stored(refused)
                    pending=action.pending()
                />
                <ShowAs id="network" asked=portal_only(NETWORK_ONLY_HERE) />
            </div>
            <p class="field-hint mt-1">"Takes effect when it next starts."</p>
        </CallForm>
        {move || fault.get().map(|fault| view! { <FaultLine fault /> })}
    }
}

fn remove_form(
    vm: domain::ids::VmId,
    name: String,
    place: MachinePlace,
    lab: bool,
    refused: Option<domain::fault::Fault>,
) -> impl IntoView {
    let action = FormCall::of::<VmDelete>();
    let fault = action_fault(action.value());
    let what = if lab {
        "It is stopped and its disk is erased. Its extensions, settings and secrets are forgotten; the activity log stays."
    } else {
        "Its agent loses its credential at once. The agent and the extensions stay on the machine, but nobody manages them any more; their settings and secrets are forgotten here. The activity log stays. To take the agent away, too, run this on the machine:"
    };
    let uninstall = (!lab).then(|| {
        view! {
            <pre class="mono text-table mt-2 whitespace-pre-wrap">
                {domain::enrolment::EnrolScript::AnnexAgent.uninstall()}
            </pre>
        }
    });
    let title = format!("Decommission {name}?");
    let deed = view! {
        <CallForm action>
            <input type="hidden" name="id" value=vm.to_string() />
            <SubmitButton
                id="remove-now"
                label=Signal::stored(format!("Decommission {name}"))
                kind=SubmitKind::DangerSolid
                pending=action.pending()
            />
        </CallForm>
    };
    view! {
        <Confirm
            id="remove"
            label="Decommission…"
            class="btn btn-danger btn-sm"
            title
            refused
            deed=deed.into_any()
        >
            <p class="text-muted">{what}</p>
            {uninstall}
            <ShowAs id="remove" within="remove" asked=fixed(place, Deed::Decommission) />
            {move || fault.get().map(|fault| view! { <FaultLine fault /> })}
        </Confirm>
    }
}

fn timeline(entries: Vec<domain::activity::ActivityEntry>) -> AnyView {
    if entries.is_empty() {
        return view! { <p class="hint px-4 py-3">"Nothing has happened on it yet."</p> }.into_any();
    }
    let items = entries
        .into_iter()
        .map(|entry| {
            let what = format!("{} {}", entry.actor, entry.action);
            let what = match entry.operation {
                Some(operation) => {
                    view! { <a class="quiet-link" href=paths::operation(operation)>{what}</a> }.into_any()
                }
                None => what.into_any(),
            };
            view! {
                <li class="list-row !items-start !px-0">
                    <span class="grow grid gap-0.5">
                        <span class="text-table">{what}</span>
                        <span class="row-wrap">
                            <OutcomeChip outcome=entry.outcome />
                            <span class="meta">
                                <Ago at=entry.at />
                            </span>
                        </span>
                    </span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="px-4 py-1">{items}</ol> }.into_any()
}
