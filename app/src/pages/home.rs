//! What needs me: failures, silent agents, updates; then what runs; then how the machines are.

use domain::{
    extension::ExtensionSummary,
    guest_agent::{AgentHealth, HealthWord},
    home::Home,
    ids::VmId,
    live::Topic,
    name::VmName,
    operation::{OperationSummary, TargetState},
    vm::VmSummary,
};
use leptos::prelude::*;

use crate::{
    calls,
    components::{
        activity_table::ActivityTable,
        states::{TargetChip, extension_look, health_look, target_look},
    },
    live::use_live,
    paths,
    ui::{Ago, EmptyState, Icon, PageHead, StateChip, count_of, loaded},
};

/// What needs me.
#[component]
pub fn HomePage() -> impl IntoView {
    let data = Resource::new(|| (), |()| calls::account::home());
    use_live(|| vec![Topic::Vms, Topic::Operations, Topic::Activity, Topic::Images], move || data.refetch());
    loaded(data, |home| view! { <HomeView home /> }.into_any())
}

#[component]
fn HomeView(home: Home) -> impl IntoView {
    let needs = home.failing.len() + home.silent.len() + home.updates.len();
    let title = match (home.machine_total, needs) {
        (0, _) => "Welcome to Annex".to_owned(),
        (_, 0) => "All is well".to_owned(),
        (_, 1) => "1 thing needs you".to_owned(),
        (_, n) => format!("{n} things need you"),
    };
    let ready = home.machines.iter().find(|(word, _)| *word == HealthWord::Ready).map_or(0, |(_, n)| *n);
    let lede = match home.machine_total {
        0 => "No machine is known to this portal yet.".to_owned(),
        total => format!(
            "{ready} of {} ready. {}",
            count_of(total, "machine is", "machines are"),
            running(home.running.len())
        ),
    };
    let first = (home.machine_total == 0).then(|| view! { <FirstMachine /> });
    let has_machines = home.machine_total > 0;
    view! {
        <PageHead title=title lede=lede>
            <a class="btn" href=paths::VM_NEW>
                <Icon name="plus" class="icon-14" />
                "Add machine"
            </a>
            <a class="btn" href=paths::MARKETPLACE>
                <Icon name="marketplace" class="icon-14" />
                "Install extension"
            </a>
        </PageHead>
        {first}
        {has_machines
            .then(|| {
                view! {
                    <div class="split">
                        <div class="stack">
                            <Needs failing=home.failing silent=home.silent />
                            <Running operations=home.running />
                            <Updates updates=home.updates />
                            <Recent entries=home.recent />
                        </div>
                        <aside class="stack sticky-side" aria-label="Machines and extensions">
                            <Machines machines=home.machines total=home.machine_total />
                            <Extensions total=home.extension_total offers=home.offers />
                        </aside>
                    </div>
                }
            })}
    }
    .into_any()
}

fn running(count: usize) -> String {
    match count {
        0 => "Nothing is running.".into(),
        1 => "1 operation is running.".into(),
        n => format!("{n} operations are running."),
    }
}

#[component]
fn FirstMachine() -> impl IntoView {
    view! {
        <section class="card">
            <EmptyState
                icon="machine"
                title="No machines yet"
                text="Enrol a machine of yours with a single command, or start a lab machine here to try things out."
            >
                <a class="btn btn-primary" href=paths::VM_NEW>
                    <Icon name="plus" class="icon-14" />
                    "Add machine"
                </a>
                <a class="btn" href=paths::MARKETPLACE>
                    "Look at the marketplace"
                </a>
            </EmptyState>
        </section>
    }
    .into_any()
}

/// One thing that needs somebody: mark, sentence, what to do.
#[component]
fn Need(
    look: (&'static str, &'static str),
    href: String,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional_no_strip)] at: Option<domain::timestamp::Timestamp>,
    action: &'static str,
    #[prop(optional)] primary: bool,
) -> impl IntoView {
    let (state, icon) = look;
    let class = if primary { "btn btn-primary btn-sm" } else { "btn btn-sm" };
    let label = format!("{action}: {title}");
    view! {
        <li class="list-row">
            <span class="contents" data-state=state>
                <span class="need-mark">
                    <Icon name=icon />
                </span>
            </span>
            <div class="grow">
                <p class="!max-w-none">
                    <a class="name-cell" href=href.clone()>
                        {title}
                    </a>
                </p>
                <p class="hint !max-w-none">{text}</p>
            </div>
            {at.map(|at| view! { <span class="meta hide-small whitespace-nowrap"><Ago at /></span> })}
            <a class=class href=href aria-label=label>
                {action}
            </a>
        </li>
    }
    .into_any()
}

#[component]
fn Needs(failing: Vec<(VmId, VmName, ExtensionSummary)>, silent: Vec<VmSummary>) -> impl IntoView {
    if failing.is_empty() && silent.is_empty() {
        return ().into_any();
    }
    let rows = failing
        .into_iter()
        .enumerate()
        .map(|(at, (vm_id, vm_name, summary))| {
            let href = paths::vm_extension(vm_id, &summary.extension.name);
            let word = summary.state.label().to_lowercase();
            view! {
                <Need
                    look=extension_look(summary.state)
                    href=href
                    title=format!("{} {word} on {vm_name}", summary.title)
                    text=summary.message
                    at=summary.reported_at
                    action="See why"
                    primary=at == 0
                />
            }
        })
        .collect_view();
    let silent = silent
        .into_iter()
        .map(|row| {
            let (last, trouble) = match row.health {
                AgentHealth::NotResponding { why, since } if !why.is_silence() => (Some(since), "does not work"),
                AgentHealth::NotResponding { since, .. } => (Some(since), "is silent"),
                _ => (None, "is silent"),
            };
            view! {
                <Need
                    look=health_look(HealthWord::NotResponding)
                    href=paths::vm(row.id)
                    title=format!("The agent on {} {trouble}", row.name)
                    text="Changes wait for it and run when it comes back."
                    at=last
                    action="Check agent"
                />
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="needs-title">
            <div class="card-head">
                <h2 id="needs-title">"Needs you"</h2>
                <span class="meta">"worst first"</span>
            </div>
            <ul>{rows} {silent}</ul>
        </section>
    }
    .into_any()
}

#[component]
fn Running(operations: Vec<OperationSummary>) -> impl IntoView {
    let count = operations.len();
    (count > 0).then(|| {
        let rows = operations.into_iter().map(|operation| view! { <RunningRow operation /> }).collect_view();
        view! {
            <section class="card" aria-labelledby="running-title">
                <div class="card-head">
                    <h2 id="running-title">"Running now"<span class="count">{count}</span></h2>
                    <a class="link text-table" href=paths::OPERATIONS>
                        "All operations"
                    </a>
                </div>
                <ul>{rows}</ul>
            </section>
        }
    })
}

#[component]
fn RunningRow(operation: OperationSummary) -> impl IntoView {
    let total: u32 = operation.counts.iter().map(|(_, n)| n).sum();
    let done: u32 = operation.counts.iter().filter(|(state, _)| !state.is_open()).map(|(_, n)| n).sum();
    let failed: u32 = operation.counts.iter().filter(|(state, _)| state.is_bad()).map(|(_, n)| n).sum();
    let names = operation.machines.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let cells = operation
        .counts
        .iter()
        .flat_map(|(state, n)| (0..(*n).min(60)).map(|_| *state))
        .map(|state| {
            let look = if state == TargetState::Queued { "todo" } else { target_look(state).0 };
            view! { <i class="unit" data-state=look></i> }
        })
        .collect_view();
    view! {
        <li class="list-row !items-start">
            <div class="grow grid gap-2">
                <div class="flex flex-wrap gap-x-3 gap-y-1 items-center">
                    <a class="name-cell" href=paths::operation(operation.operation.id)>
                        {operation.operation.title()}
                    </a>
                    <TargetChip state=operation.state />
                    {(failed > 0)
                        .then(|| view! { <StateChip state="failed" icon="cross" label=format!("{failed} failed") /> })}
                </div>
                <span class="units" aria-hidden="true">
                    {cells}
                </span>
                <p class="meta dot-sep !max-w-none">
                    <span>{format!("{done} of {total} done")}</span>
                    <span>{names}</span>
                    <span>{operation.operation.actor} ", " <Ago at=operation.operation.accepted_at /></span>
                </p>
            </div>
        </li>
    }
    .into_any()
}

#[component]
fn Updates(updates: Vec<(String, String, String, u32)>) -> impl IntoView {
    (!updates.is_empty()).then(|| {
        let rows = updates
            .into_iter()
            .map(|(handler, from, to, machines)| {
                // both halves of Publisher.Type may hold dots, so it cannot be taken apart: search for its last word
                let word = handler.rsplit('.').next().unwrap_or(&handler);
                let href = paths::with_query(paths::MARKETPLACE, &[("q", word)]);
                view! {
                    <tr role="row">
                        <td role="cell" class="t-name">
                            <a class="name-cell" href=href>
                                {handler}
                            </a>
                        </td>
                        <td role="cell" class="mono t-meta">
                            {from}
                        </td>
                        <td role="cell" class="mono t-state">
                            {to}
                        </td>
                        <td role="cell" class="num">
                            {machines}
                        </td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <section class="card" aria-labelledby="updates-title">
                <div class="card-head">
                    <h2 id="updates-title">"Updates"</h2>
                </div>
                <div class="table-wrap">
                    <table role="table" class="virtual-table is-list" aria-labelledby="updates-title">
                        <thead role="rowgroup">
                            <tr role="row">
                                <th role="columnheader">"Extension"</th>
                                <th role="columnheader">"Installed"</th>
                                <th role="columnheader">"Newest"</th>
                                <th role="columnheader" class="num">
                                    "Machines"
                                </th>
                            </tr>
                        </thead>
                        <tbody role="rowgroup">{rows}</tbody>
                    </table>
                </div>
            </section>
        }
    })
}

#[component]
fn Recent(entries: Vec<domain::activity::ActivityEntry>) -> impl IntoView {
    (!entries.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="recent-title">
                <div class="card-head">
                    <h2 id="recent-title">"Recent activity"</h2>
                    <a class="link text-table" href=paths::ACTIVITY>
                        "All activity"
                    </a>
                </div>
                <ActivityTable entries with_machine=true />
            </section>
        }
    })
}

/// The machines by agent health: a bar, and a row for each word that leads to the list.
#[component]
fn Machines(machines: Vec<(HealthWord, u32)>, total: u32) -> impl IntoView {
    let present: Vec<_> = machines.into_iter().filter(|(_, n)| *n > 0).collect();
    let label = present.iter().map(|(word, n)| format!("{n} {}", word.label().to_lowercase())).collect::<Vec<_>>();
    let mut x = 0;
    let bars = present
        .iter()
        .map(|(word, n)| {
            let at = x;
            x += n * 10;
            view! { <rect class="health-bar" data-state=health_look(*word).0 x=at width=n * 10 height="8" /> }
        })
        .collect_view();
    let rows = present
        .iter()
        .map(|(word, n)| {
            let (state, icon) = health_look(*word);
            let href = paths::with_query(paths::VMS, &[("health", word.code())]);
            view! {
                <li class="spread min-h-7">
                    <a class="summary-link" href=href>
                        <StateChip state icon label=word.label() quiet=true />
                    </a>
                    <span class="num">{*n}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="machines-title">
            <div class="card-head">
                <h2 id="machines-title">"Machines"<span class="count">{total}</span></h2>
                <a class="link text-table" href=paths::VMS>
                    "All"
                </a>
            </div>
            <div class="card-body grid gap-4">
                <svg
                    class="block w-full h-2"
                    viewBox=format!("0 0 {} 8", total.max(1) * 10)
                    preserveAspectRatio="none"
                    role="img"
                    aria-label=label.join(", ")
                >
                    {bars}
                </svg>
                <ul class="grid gap-1 text-table">{rows}</ul>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Extensions(total: u32, offers: u32) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="extensions-title">
            <div class="card-head">
                <h2 id="extensions-title">"Extensions"</h2>
            </div>
            <div class="card-body stat-row">
                <p class="stat">
                    <b>{total}</b>
                    <span>"on machines"</span>
                </p>
                <p class="stat">
                    <b>{offers}</b>
                    <span>
                        <a class="quiet-link" href=paths::MARKETPLACE>
                            "in the marketplace"
                        </a>
                    </span>
                </p>
            </div>
        </section>
    }
    .into_any()
}
