//! Operations, open ones first.

use domain::{
    live::Topic,
    operation::{OperationFilter, OperationSummary},
    page::Page,
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
    ui::{Ago, EmptyState, Icon, PageHead, Pagination, StateChip, loaded},
};

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    text: String,
    show: String,
    page: u32,
}

impl Asked {
    fn filter(&self) -> OperationFilter {
        OperationFilter { text: self.text.clone(), open_only: self.show == "open", failed_only: self.show == "failed" }
    }

    fn narrowed(&self) -> bool {
        !self.text.is_empty() || !self.show.is_empty()
    }

    fn href(&self, show: &str, page: u32) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        paths::with_query(paths::OPERATIONS, &[("q", &self.text), ("show", show), ("page", &page)])
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
            page: query.get("page").and_then(|p| p.parse().ok()).unwrap_or(1),
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
            <form method="get" action=paths::OPERATIONS class="flex gap-2 flex-1 min-w-[220px]" role="search">
                <label class="search-field flex-1">
                    <Icon name="search" />
                    <span class="sr-only">"Search operations"</span>
                    <input
                        class="input"
                        type="search"
                        name="q"
                        placeholder="Search by subject, machine or who asked"
                        value=move || asked.get().text
                    />
                </label>
                {move || {
                    let show = asked.get().show;
                    (!show.is_empty()).then(|| view! { <input type="hidden" name="show" value=show /> })
                }}
                <button class="btn">"Search"</button>
            </form>
            <nav class="segmented" aria-label="Show">
                {choices
                    .map(|(code, label)| {
                        view! {
                            <a
                                href=move || asked.get().href(code, 1)
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
    let (number, size, total) = (page.request.number, page.request.size, page.total);
    let rows = page.items.into_iter().map(row).collect_view();
    view! {
        <section class="card" aria-label="Operations">
            <div class="table-wrap !rounded-card" tabindex="0" role="region" aria-label="Operations table">
                <table role="table" class="virtual-table is-list">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader" scope="col">
                                "Operation"
                            </th>
                            <th role="columnheader" scope="col">
                                "State"
                            </th>
                            <th role="columnheader" scope="col">
                                "Machines"
                            </th>
                            <th role="columnheader" scope="col">
                                "By"
                            </th>
                            <th role="columnheader" scope="col" class="num">
                                "Took"
                            </th>
                            <th role="columnheader" scope="col" class="num">
                                "Accepted"
                            </th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{rows}</tbody>
                </table>
            </div>
            <Pagination page=number size total href=move |page| asked.href(&asked.show, page) />
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
