//! Operations, open ones first.

use domain::{
    live::Topic,
    operation::{OperationFilter, OperationSummary},
    page::{Page, PageRequest},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    calls::operations::operation_list,
    components::{
        span::Took,
        states::{TargetChip, target_look},
    },
    live::use_live,
    paths,
    ui::{
        Ago, EmptyState, FilterBar, PageHead, Pagination, StateChip, head, list_table, loaded, page_asked, page_query,
    },
};

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    text: String,
    show: String,
    page: PageRequest,
}

impl Asked {
    fn filter(&self) -> OperationFilter {
        OperationFilter { text: self.text.clone(), open_only: self.show == "open", failed_only: self.show == "failed" }
    }

    fn narrowed(&self) -> bool {
        !self.text.is_empty() || !self.show.is_empty()
    }

    fn href(&self, show: &str, page: PageRequest) -> String {
        let [page, rows] = page_query(page);
        paths::with_query(paths::OPERATIONS, &[("q", &self.text), ("show", show), ("page", &page), ("rows", &rows)])
    }
}

/// Operations, open ones first.
#[component]
pub fn OperationListPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        Asked {
            text: query.get("q").unwrap_or_default(),
            show: query.get("show").unwrap_or_default(),
            page: page_asked(&query),
        }
    });
    let list = Resource::new(move || asked.get(), |asked| operation_list(asked.filter(), asked.page));
    use_live(|| vec![Topic::Operations], move || list.refetch());
    view! {
        <PageHead title="Operations" lede="Every accepted change, open ones first. Each has its own page that everybody sees live." />
        <Filters asked />
        {loaded(list, move |page| view! { <List page asked=asked.get_untracked() /> }.into_any())}
    }
}

#[component]
fn Filters(asked: Memo<Asked>) -> impl IntoView {
    let choices = [("", "All"), ("open", "Open"), ("failed", "Failed")];
    view! {
        <div class="flex gap-2 flex-wrap mb-4 items-center">
            <FilterBar
                action=paths::OPERATIONS
                label="Search operations"
                placeholder="Search by subject, machine or who asked"
                text=Signal::derive(move || asked.get().text)
                narrowed=Signal::derive(move || asked.get().narrowed())
            >
                {move || {
                    let show = asked.get().show;
                    (!show.is_empty()).then(|| view! { <input type="hidden" name="show" value=show /> })
                }}
            </FilterBar>
            <nav class="segmented" aria-label="Show">
                {choices
                    .map(|(code, label)| {
                        view! {
                            <a
                                href=move || {
                                    let asked = asked.get();
                                    asked.href(code, PageRequest { number: 1, ..asked.page })
                                }
                                aria-current=move || (asked.get().show == code).then_some("true")
                            >
                                {label}
                            </a>
                        }
                    })
                    .collect_view()}
            </nav>
        </div>
    }
}

#[component]
fn List(page: Page<OperationSummary>, asked: Asked) -> impl IntoView {
    if page.items.is_empty() {
        return nothing(&asked).into_any();
    }
    let (this, total) = (page.request, page.total);
    let rows = page.items.into_iter().map(row).collect_view();
    let heads = [("Operation", ""), ("State", ""), ("Machines", ""), ("By", ""), ("Took", "num"), ("Accepted", "num")];
    let heads = heads.map(|(label, class)| head(label, class)).collect_view();
    view! {
        <section class="card" aria-label="Operations">
            {list_table("Operations table", heads, rows)}
            <Pagination page=this total href=move |page| asked.href(&asked.show, page) />
        </section>
    }
    .into_any()
}

fn row(summary: OperationSummary) -> impl IntoView {
    let operation = summary.operation;
    let total: u32 = summary.counts.iter().map(|(_, n)| n).sum();
    let named = summary.machines.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let more = usize::try_from(total).unwrap_or(0).saturating_sub(summary.machines.len());
    let machines = if more > 0 { format!("{named} and {more} more") } else { named };
    // one state says it all unless machines stand differently
    let mixed = (summary.counts.len() > 1).then(|| {
        summary
            .counts
            .iter()
            .map(|(state, number)| {
                let (look, icon) = target_look(*state);
                let label = format!("{number} {}", state.label().to_lowercase());
                view! { <StateChip state=look icon label quiet=true /> }
            })
            .collect_view()
    });
    let has_mixed = mixed.is_some();
    view! {
        <tr role="row">
            <td role="cell" class="t-name wrap">
                <a class="name-cell" href=paths::operation(operation.id)>
                    {operation.title()}
                </a>
            </td>
            <td role="cell" class="t-state">
                <TargetChip state=summary.state />
            </td>
            <td role="cell" class="t-meta wrap text-muted">
                <span class="block">{machines}</span>
                {has_mixed.then(|| view! { <span class="row-wrap hide-small">{mixed}</span> })}
            </td>
            <td role="cell" class="t-meta">
                {operation.actor}
            </td>
            <td role="cell" class="num text-muted">
                <Took from=operation.accepted_at to=summary.finished_at />
            </td>
            <td role="cell" class="num t-meta text-muted">
                <Ago at=operation.accepted_at />
            </td>
        </tr>
    }
}

fn nothing(asked: &Asked) -> AnyView {
    if asked.narrowed() {
        view! {
            <section class="card">
                <EmptyState icon="search" title="No operation matches" text="Other operations exist under other words or states.">
                    <a class="btn" href=paths::OPERATIONS>
                        "Clear filters"
                    </a>
                </EmptyState>
            </section>
        }
        .into_any()
    } else {
        view! {
            <section class="card">
                <EmptyState
                    icon="operations"
                    title="No operations yet"
                    text="Installing, changing or removing an extension makes one, and so does starting or stopping a machine."
                >
                    <a class="btn btn-primary" href=paths::MARKETPLACE>
                        "Open the marketplace"
                    </a>
                </EmptyState>
            </section>
        }
        .into_any()
    }
}
