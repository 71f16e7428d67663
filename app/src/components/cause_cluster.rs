//! Why machines failed: equal failures stand once, with their machines by name.

use domain::{
    ids::VmId,
    operation::{StepPhase, TargetView},
};
use leptos::prelude::*;

use crate::ui::{CopyButton, Icon};

/// Most names written out on one card.
const NAMES_SHOWN: usize = 12;

/// Machines that failed for the same reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// What happened, in one line.
    pub what: String,
    /// What happened and what to do, in the fault's words.
    pub advice: Option<String>,
    /// The fault's code.
    pub code: Option<String>,
    /// What the handler or the script said.
    pub said: Option<String>,
    /// Where they stopped.
    pub step: Option<&'static str>,
    /// The machines: id and name.
    pub machines: Vec<(VmId, String)>,
}

/// Failed targets by cause, most machines first.
pub fn clusters(targets: &[TargetView]) -> Vec<Cluster> {
    let mut all: Vec<Cluster> = Vec::new();
    for view in targets.iter().filter(|t| t.target.state.is_bad()) {
        let target = &view.target;
        let fault = target.fault.as_ref();
        let failed = target.steps.iter().find(|s| matches!(s.phase, StepPhase::Failed | StepPhase::Started));
        let one = Cluster {
            what: what_happened(view),
            advice: fault.map(|f| f.message.clone()).filter(|m| *m != target.message),
            code: fault.map(|f| f.code.clone()),
            said: fault
                .and_then(|f| f.details.first())
                .map(|d| d.message.clone())
                .or_else(|| view.stderr.as_deref().and_then(last_line))
                .filter(|said| *said != target.message && !said.trim().is_empty()),
            step: failed.map(|s| s.name.label()),
            machines: Vec::new(),
        };
        let machine = (target.vm_id, view.vm_name.to_string());
        match all.iter_mut().find(|c| {
            (&c.what, &c.advice, &c.code, &c.said, c.step) == (&one.what, &one.advice, &one.code, &one.said, one.step)
        }) {
            Some(same) => same.machines.push(machine),
            None => all.push(Cluster { machines: vec![machine], ..one }),
        }
    }
    all.sort_by_key(|c| std::cmp::Reverse(c.machines.len()));
    all
}

/// The failure of one target in one line.
pub fn what_happened(view: &TargetView) -> String {
    match (view.target.exit_code, view.target.message.trim()) {
        (Some(code), _) if code != 0 => format!("The script ended with exit code {code}"),
        (_, "") => view.target.state.label().to_owned(),
        (_, message) => message.trim_end_matches('.').to_owned(),
    }
}

fn last_line(text: &str) -> Option<String> {
    text.lines().rev().find(|l| !l.trim().is_empty()).map(|l| l.trim().to_owned())
}

/// The heading of a cluster among `causes` in all.
fn heading(cluster: &Cluster, causes: usize) -> String {
    match (cluster.machines.len(), causes) {
        (1, _) => cluster.what.clone(),
        (machines, 1) => format!("{machines} failures, 1 cause: {}", lower_first(&cluster.what)),
        (machines, _) => format!("{machines} machines: {}", lower_first(&cluster.what)),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    let second_is_upper = text.chars().nth(1).is_some_and(char::is_uppercase);
    match chars.next() {
        Some(first) if !second_is_upper => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// One card for each cause.
#[component]
pub fn CauseClusters(
    /// All machines of the operation.
    targets: Vec<TargetView>,
    /// The address that shows a machine's output.
    href: Callback<VmId, String>,
) -> impl IntoView {
    let clusters = clusters(&targets);
    let causes = clusters.len();
    clusters
        .into_iter()
        .map(|cluster| {
            let heading = heading(&cluster, causes);
            view! { <CauseCard cluster heading href /> }
        })
        .collect_view()
}

#[component]
fn CauseCard(cluster: Cluster, heading: String, href: Callback<VmId, String>) -> impl IntoView {
    let hidden = cluster.machines.len().saturating_sub(NAMES_SHOWN);
    let names = cluster
        .machines
        .into_iter()
        .take(NAMES_SHOWN)
        .map(|(id, name)| {
            view! {
                <a class="quiet-link text-text font-medium" href=href.run(id) data-noscroll="true">
                    {name}
                </a>
            }
        })
        .collect_view();
    view! {
        <section class="card cause-cluster" data-state="failed">
            <div class="p-4 flex flex-wrap gap-4 items-start">
                <div class="flex-1 min-w-[260px] grid gap-1.5">
                    <h2 class="flex gap-2 items-start">
                        <span class="state-text pt-1">
                            <Icon name="cross" />
                        </span>
                        {heading}
                    </h2>
                    <p class="hint !max-w-none flex flex-wrap gap-x-2">
                        {names}
                        {(hidden > 0).then(|| format!("and {hidden} more"))}
                        {cluster.step.map(|step| view! { <span>{format!("stopped at {step}")}</span> })}
                    </p>
                    {cluster.advice.map(|advice| view! { <p class="text-table">{advice}</p> })}
                    {cluster
                        .said
                        .map(|said| {
                            view! {
                                <pre class="text-meta mt-1 overflow-x-auto" tabindex="0" aria-label="What it said">
                                    <span class="state-text">{said}</span>
                                </pre>
                            }
                        })}
                </div>
                {cluster
                    .code
                    .map(|code| {
                        view! {
                            <p class="row !gap-1 text-meta text-subtle">
                                "Code " <code>{code.clone()}</code>
                                <CopyButton text=code label="Copy the error code" />
                            </p>
                        }
                    })}
            </div>
        </section>
    }
}
