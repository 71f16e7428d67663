//! Who did what, when, on which machine, with what result.

use domain::{
    activity::{ActivityEntry, ActivityFilter, Outcome},
    ids::VmId,
    live::Topic,
    page::Page,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    calls::account::activity_list,
    components::activity_table::ActivityTable,
    live::use_live,
    paths,
    ui::{EmptyState, Icon, PageHead, Pagination, loaded},
};

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    text: String,
    vm: Option<VmId>,
    outcome: Option<Outcome>,
    page: u32,
}

impl Asked {
    fn filter(&self) -> ActivityFilter {
        ActivityFilter { text: self.text.clone(), vm: self.vm, outcome: self.outcome }
    }

    fn narrowed(&self) -> bool {
        self.filter() != ActivityFilter::default()
    }

    fn href(&self, path: &str, page: u32) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        let vm = self.vm.map(|vm| vm.to_string()).unwrap_or_default();
        let outcome = self.outcome.map(Outcome::label).unwrap_or_default();
        paths::with_query(path, &[("q", &self.text), ("vm", &vm), ("outcome", outcome), ("page", &page)])
    }
}

/// Who did what, when, on which machine, with what result.
#[component]
pub fn ActivityListPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        Asked {
            text: query.get("q").unwrap_or_default(),
            vm: query.get("vm").and_then(|id| id.parse().ok()),
            outcome: query.get("outcome").and_then(|o| Outcome::parse(&o)),
            page: query.get("page").and_then(|p| p.parse().ok()).unwrap_or(1),
        }
    });
    let list = Resource::new(move || asked.get(), |asked| activity_list(asked.filter(), asked.page));
    use_live(|| vec![Topic::Activity], move || list.refetch());
    view! {
        <PageHead title="Activity" lede="Every change and every refusal: who, what, when, on which machine, with what result.">
            <a class="btn" href=move || asked.get().href(paths::ACTIVITY_CSV, 1) rel="external" download="">
                <Icon name="download" class="icon-14" />
                "Download as CSV"
            </a>
        </PageHead>
        <Filters asked />
        {loaded(list, move |page| view! { <List page asked=asked.get_untracked() /> }.into_any())}
    }
}

#[component]
fn Filters(asked: Memo<Asked>) -> impl IntoView {
    view! {
        <form method="get" action=paths::ACTIVITY class="flex gap-2 flex-wrap mb-4" role="search">
            <label class="search-field flex-1 min-w-[220px]">
                <Icon name="search" />
                <span class="sr-only">"Search activity"</span>
                <input
                    class="input"
                    type="search"
                    name="q"
                    placeholder="Search who, what, machine or extension"
                    value=move || asked.get().text
                />
            </label>
            <label class="sr-only" for="outcome">
                "Result"
            </label>
            <select class="select !w-auto" id="outcome" name="outcome">
                <option value="">"Any result"</option>
                {Outcome::ALL
                    .map(|outcome| {
                        view! {
                            <option value=outcome.label() selected=move || asked.get().outcome == Some(outcome)>
                                {outcome.label()}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            {move || asked.get().vm.map(|vm| view! { <input type="hidden" name="vm" value=vm.to_string() /> })}
            <button class="btn">"Search"</button>
            {move || {
                asked
                    .get()
                    .narrowed()
                    .then(|| {
                        view! {
                            <a class="btn btn-ghost" href=paths::ACTIVITY>
                                "Clear filters"
                            </a>
                        }
                    })
            }}
        </form>
    }
}

#[component]
fn List(page: Page<ActivityEntry>, asked: Asked) -> impl IntoView {
    if page.items.is_empty() {
        return nothing(&asked);
    }
    let (number, size, total) = (page.request.number, page.request.size, page.total);
    view! {
        <section class="card" aria-label="Activity log">
            <ActivityTable entries=page.items with_machine=true />
            <Pagination page=number size total href=move |page| asked.href(paths::ACTIVITY, page) />
        </section>
    }
    .into_any()
}

fn nothing(asked: &Asked) -> AnyView {
    if asked.narrowed() {
        view! {
            <section class="card">
                <EmptyState icon="search" title="Nothing matches" text="No line of the log has these words, this machine and this result.">
                    <a class="btn" href=paths::ACTIVITY>
                        "Clear filters"
                    </a>
                </EmptyState>
            </section>
        }
        .into_any()
    } else {
        view! {
            <section class="card">
                <EmptyState icon="activity" title="Nothing has happened yet" text="Every change will be a line here." />
            </section>
        }
        .into_any()
    }
}
