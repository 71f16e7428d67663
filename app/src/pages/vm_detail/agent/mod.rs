//! The agent of one machine: what is known of it now, its days, what happened, what it collected.

mod days;
mod events;
mod facts;
mod logs;

use std::time::Duration;

use domain::{agent_history::AgentHistory, live::Topic, vm::VmDetail};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{advice::AdviceBanner, head::VmHead, use_vm};
use crate::{
    calls::vms::agent_history,
    components::{frame::use_frame, rights::Rights},
    live::use_live,
    paths,
    ui::{failed, page_asked, ready, waiting},
};

/// Times of contact are no change that pages are told of: this page reads them again this often.
const TIMES_READ: Duration = Duration::from_secs(5);

/// The agent of one machine.
#[component]
pub fn AgentPage() -> impl IntoView {
    let (id, vm) = use_vm();
    let query = use_query_map();
    let page = Memo::new(move |_| page_asked(&query.read()));
    let history = Resource::new(
        move || (id.get(), page.get()),
        move |(id, page)| async move {
            // the machine's own answer says what is wrong with it
            match (id, vm.await) {
                (Some(id), Ok(_)) => agent_history(id, page).await.map(Some),
                _ => Ok(None),
            }
        },
    );
    use_live(move || id.get().map(Topic::Vm).into_iter().collect(), move || history.refetch());
    Effect::new(move |_| {
        if let Ok(interval) = set_interval_with_handle(move || vm.refetch(), TIMES_READ) {
            on_cleanup(move || interval.clear());
        }
    });
    let frame = use_frame();
    waiting(true, move || {
        Box::pin(async move {
            let rights = Rights::of(frame).await;
            let (detail, known) = (vm.await, history.await);
            ready(move || match (detail, known) {
                (Ok(detail), Ok(Some(known))) => whole(detail, known, rights),
                (Ok(_), Err(error)) => failed(history, error),
                (Err(error), _) => failed(vm, error),
                // the machine came back between the two answers
                (Ok(_), Ok(None)) => ().into_any(),
            })
        })
    })
}

fn whole(detail: VmDetail, history: AgentHistory, rights: Rights) -> AnyView {
    let vm = detail.vm.id;
    view! {
        <VmHead detail=detail.clone() rights=rights.clone() here=paths::vm_agent(vm) />
        <AdviceBanner detail=detail.clone() rights />
        <div class="split">
            <div class="stack">{days::card(&history.days)} {events::card(vm, history.events)}</div>
            <aside class="stack sticky-side" aria-label="Facts and logs">
                {facts::card(detail, history.certificate_thumbprint)}
                {logs::card(vm, history.logs)}
            </aside>
        </div>
    }
    .into_any()
}
