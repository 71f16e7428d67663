//! Who did what, when, on which machine, with what result.

use domain::{
    activity::{ActivityEntry, ActivityFilter, Outcome},
    ids::VmId,
    live::Topic,
    page::{Page, PageRequest},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    calls::account::activity_list,
    components::activity_table::ActivityTable,
    live::use_live,
    paths,
    ui::{EmptyState, FilterBar, Icon, PageHead, Pagination, loaded, page_asked, page_query},
};

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    text: String,
    vm: Option<VmId>,
    outcome: Option<Outcome>,
    page: PageRequest,
}

impl Asked {
    fn filter(&self) -> ActivityFilter {
        ActivityFilter { text: self.text.clone(), vm: self.vm, outcome: self.outcome }
    }

    fn narrowed(&self) -> bool {
        self.filter() != ActivityFilter::default()
    }

    fn href(&self, path: &str, page: PageRequest) -> String {
        let vm = self.vm.map(|vm| vm.to_string()).unwrap_or_default();
        let outcome = self.outcome.map(Outcome::label).unwrap_or_default();
        let [page, rows] = page_query(page);
        let pairs = [("q", self.text.as_str()), ("vm", &vm), ("outcome", outcome), ("page", &page), ("rows", &rows)];
        paths::with_query(path, &pairs)
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
            page: page_asked(&query),
        }
    });
    let list = Resource::new(move || asked.get(), |asked| activity_list(asked.filter(), asked.page));
    use_live(|| vec![Topic::Activity], move || list.refetch());
    view! {
        <PageHead title="Activity" lede="Every change and every refusal: who, what, when, on which machine, with what result.">
            <a class="btn" href=move || asked.get().href(paths::ACTIVITY_CSV, PageRequest::default()) rel="external" download="">
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
        <div class="mb-4">
            <FilterBar
                action=paths::ACTIVITY
                label="Search activity"
                placeholder="Search who, what, machine or extension"
                text=Signal::derive(move || asked.get().text)
                narrowed=Signal::derive(move || asked.get().narrowed())
            >
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
            </FilterBar>
        </div>
    }
}

#[component]
fn List(page: Page<ActivityEntry>, asked: Asked) -> impl IntoView {
    if page.items.is_empty() {
        return nothing(&asked);
    }
    let (this, total) = (page.request, page.total);
    view! {
        <section class="card" aria-label="Activity log">
            <ActivityTable entries=page.items with_machine=true />
            <Pagination page=this total href=move |page| asked.href(paths::ACTIVITY, page) />
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
