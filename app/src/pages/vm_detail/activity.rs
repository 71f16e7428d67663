//! What happened on one machine.

use domain::{
    activity::{ActivityEntry, ActivityFilter},
    ids::VmId,
    live::Topic,
    page::Page,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{head::VmHead, use_vm};
use crate::{
    calls::account::activity_list,
    components::{activity_table::ActivityTable, rights::loaded_with_rights},
    live::use_live,
    paths,
    ui::{EmptyState, Icon, Pagination, loaded, page_asked, page_query},
};

/// What happened on one machine.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let (id, vm) = use_vm();
    let query = use_query_map();
    let page = Memo::new(move |_| page_asked(&query.read()));
    let list = Resource::new(
        move || (id.get(), page.get()),
        move |(id, page)| async move {
            // the head says what is wrong with the machine itself
            if vm.await.is_err() {
                return Ok(None);
            }
            activity_list(ActivityFilter { vm: id, ..Default::default() }, page).await.map(Some)
        },
    );
    use_live(|| vec![Topic::Activity], move || list.refetch());
    view! {
        {loaded_with_rights(vm, |detail, rights| {
            let here = paths::vm_activity(detail.vm.id);
            view! { <VmHead detail rights here /> }.into_any()
        })}
        {loaded(list, move |page| page.map(|page| lines(page, id.get_untracked())).into_any())}
    }
}

fn lines(page: Page<ActivityEntry>, vm: Option<VmId>) -> AnyView {
    let Some(vm) = vm else { return ().into_any() };
    if page.items.is_empty() {
        return view! {
            <section class="card">
                <EmptyState icon="activity" title="Nothing has happened yet" text="Every change on this machine will be a line here." />
            </section>
        }
        .into_any();
    }
    let (this, total) = (page.request, page.total);
    let csv = paths::with_query(paths::ACTIVITY_CSV, &[("vm", &vm.to_string())]);
    view! {
        <section class="card" aria-label="Activity of this machine">
            <div class="card-head">
                <h2>
                    "Activity" <span class="count">{total}</span>
                </h2>
                <a class="btn btn-sm" href=csv rel="external" download="">
                    <Icon name="download" class="icon-14" />
                    "Download as CSV"
                </a>
            </div>
            <ActivityTable entries=page.items with_machine=false />
            <Pagination
                page=this
                total
                href=move |page| {
                    let [page, rows] = page_query(page);
                    paths::with_query(&paths::vm_activity(vm), &[("page", &page), ("rows", &rows)])
                }
            />
        </section>
    }
    .into_any()
}
