//! What happened to the agent, newest first.

use domain::{
    agent_event::{AgentEvent, Tone},
    ids::VmId,
    page::Page,
};
use leptos::prelude::*;
use maud::{Markup, html};

use crate::{
    paths,
    ui::{EmptyState, Pagination, Weight, ago, head, page_query, state_chip, still_table},
};

/// One page of the events.
pub fn card(vm: VmId, page: Page<AgentEvent>) -> AnyView {
    let (this, total) = (page.request, page.total);
    let body = if page.items.is_empty() {
        view! { <EmptyState icon="activity" title="Nothing has happened yet" text="Starts, stops, versions and troubles of the agent will be lines here." /> }
            .into_any()
    } else {
        let rows = html! { @for event in &page.items { (row(event)) } };
        let heads = view! {
            {head("When", "")}
            {head("What", "")}
            {head("Details", "")}
        };
        still_table("Events of the agent", heads, &rows)
    };
    view! {
        <section class="card" aria-labelledby="agent-events">
            <div class="card-head">
                <h2 id="agent-events">
                    "Events" <span class="count">{total}</span>
                </h2>
            </div>
            {body}
            <Pagination
                page=this
                total
                href=move |page| {
                    let [page, rows] = page_query(page);
                    paths::with_query(&paths::vm_agent(vm), &[("page", &page), ("rows", &rows)])
                }
            />
        </section>
    }
    .into_any()
}

fn row(event: &AgentEvent) -> Markup {
    let (look, weight) = match event.kind.tone() {
        Tone::Plain => (("off", "minus"), Weight::Quiet),
        Tone::Good => (("ready", "check"), Weight::Quiet),
        Tone::Warning => (("warn", "bang"), Weight::Usual),
        Tone::Bad => (("failed", "cross"), Weight::Usual),
    };
    html! {
        tr role="row" {
            td role="cell" class="t-meta text-subtle" { (ago(event.at)) }
            td role="cell" class="t-name" { (state_chip(look, event.kind.label(), weight)) }
            td role="cell" class="wrap t-meta [overflow-wrap:anywhere]" {
                @if let Some(subject) = &event.subject { b { (subject) } " " }
                (event.detail)
            }
        }
    }
}
