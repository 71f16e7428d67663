//! Machines.

use domain::{
    actor::Permission,
    guest_agent::HealthWord,
    live::Topic,
    name::ResourceGroupName,
    page::{Page, PageRequest},
    vm::{VmFilter, VmSummary},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use maud::{Markup, html};

use crate::{
    calls::vms::vm_list,
    components::{
        extensions_chip::extensions_chip,
        rights::{Rights, loaded_with_rights},
        states::{health_chip, power_chip},
    },
    live::use_live,
    paths,
    ui::{EmptyState, FilterBar, Icon, Pagination, ago, head, page_asked, page_query, still_table},
};

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    text: String,
    health: Option<HealthWord>,
    failed: bool,
    sort: String,
    page: PageRequest,
}

impl Asked {
    fn filter(&self) -> VmFilter {
        VmFilter { text: self.text.clone(), health: self.health, failed_only: self.failed, sort: self.sort.clone() }
    }

    fn narrowed(&self) -> bool {
        !self.text.is_empty() || self.health.is_some() || self.failed
    }

    fn href(&self) -> String {
        let [page, rows] = page_query(self.page);
        paths::with_query(
            paths::VMS,
            &[
                ("q", &self.text),
                ("health", self.health.map(HealthWord::code).unwrap_or_default()),
                ("failed", if self.failed { "yes" } else { "" }),
                ("sort", &self.sort),
                ("page", &page),
                ("rows", &rows),
            ],
        )
    }

    /// The same list sorted by `column`: again for the other direction.
    fn sorted_by(&self, column: &str) -> Self {
        let sort = if self.direction(column) == Some("ascending") { format!("-{column}") } else { column.to_owned() };
        Self { sort, page: PageRequest { number: 1, ..self.page }, ..self.clone() }
    }

    /// `aria-sort` of a column.
    fn direction(&self, column: &str) -> Option<&'static str> {
        match self.sort.strip_prefix('-') {
            Some(sorted) => (sorted == column).then_some("descending"),
            None => (self.sort == column || (self.sort.is_empty() && column == "name")).then_some("ascending"),
        }
    }
}

/// Machines.
#[component]
pub fn VmListPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        Asked {
            text: query.get("q").unwrap_or_default(),
            health: query.get("health").and_then(|h| HealthWord::parse(&h)),
            failed: query.get("failed").is_some_and(|f| f == "yes"),
            sort: query.get("sort").unwrap_or_default(),
            page: page_asked(&query),
        }
    });
    let list = Resource::new(move || asked.get(), |asked| vm_list(asked.filter(), asked.page));
    use_live(|| vec![Topic::Vms], move || list.refetch());
    view! {
        <leptos_meta::Title text="Machines" />
        <div class="page-head">
            <div>
                <h1>"Machines"</h1>
            </div>
            <div class="page-actions">
                <a class="btn btn-primary" href=paths::VM_NEW>
                    <Icon name="plus" class="icon-14" />
                    "Add machine"
                </a>
            </div>
        </div>
        <Filters asked />
        {loaded_with_rights(list, move |page, rights| view! { <List page asked=asked.get_untracked() rights /> }.into_any())}
    }
}

#[component]
fn Filters(asked: Memo<Asked>) -> impl IntoView {
    view! {
        <div class="mb-4">
            <FilterBar
                action=paths::VMS
                label="Filter machines"
                placeholder="Filter by name, tag or operating system"
                text=Signal::derive(move || asked.get().text)
                narrowed=Signal::derive(move || asked.get().narrowed())
            >
                <label class="sr-only" for="health">
                    "Agent"
                </label>
                <select class="select !w-auto" id="health" name="health">
                    <option value="">"Agent: any"</option>
                    {HealthWord::ALL
                        .map(|word| {
                            view! {
                                <option value=word.code() selected=move || asked.get().health == Some(word)>
                                    {format!("Agent: {}", word.label().to_lowercase())}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
                <label class="check">
                    <input class="checkbox" type="checkbox" name="failed" value="yes" checked=move || asked.get().failed />
                    "With failures"
                </label>
                {move || {
                    let sort = asked.get().sort;
                    (!sort.is_empty()).then(|| view! { <input type="hidden" name="sort" value=sort /> })
                }}
            </FilterBar>
        </div>
    }
}

#[component]
fn List(page: Page<VmSummary>, asked: Asked, rights: Rights) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <section class="card">{nothing(&asked, &rights)}</section> }.into_any();
    }
    let (this, total) = (page.request, page.total);
    let rows = html! { @for vm in &page.items { (row(vm)) } };
    let sortable = |column: &'static str, label: &'static str, class: &'static str| {
        let direction = asked.direction(column);
        let icon = if direction == Some("descending") { "arrow-up" } else { "arrow-down" };
        view! {
            <th role="columnheader" scope="col" class=class aria-sort=direction>
                <a href=asked.sorted_by(column).href()>
                    {label} {direction.map(|_| view! { <Icon name=icon class="icon-12" /> })}
                </a>
            </th>
        }
    };
    let heads = view! {
        {sortable("name", "Name", "")}
        {head("Power", "")}
        {sortable("last_seen", "Agent", "")}
        {head("Extensions", "")}
        {head("System", "")}
        {head("Tags", "")}
        {sortable("created", "Added", "num")}
    };
    let shown = asked.clone();
    view! {
        <section class="card" aria-label="Machines">
            {still_table("Machine table", heads, &rows)}
            <p class="table-note">
                {if total == 1 { "1 machine".to_owned() } else { format!("{total} machines") }}
                {if shown.narrowed() { " match" } else { "" }}
            </p>
            <Pagination page=this total href=move |page| Asked { page, ..asked.clone() }.href() />
        </section>
    }
    .into_any()
}

fn row(vm: &VmSummary) -> Markup {
    let system = vm.system.as_deref().map_or_else(|| "not reported yet".to_owned(), system_words);
    html! {
        tr role="row" {
            td role="cell" class="t-name" {
                a class="name-cell" href=(paths::vm(vm.id)) { (vm.name.as_str()) }
                " "
                span class="meta ms-1 hide-small" { (vm.kind.label()) }
            }
            td role="cell" class="hide-small" { (power_chip(vm.power, false)) }
            td role="cell" class="t-meta" { (health_chip(vm.health)) }
            td role="cell" class="t-state" { (extensions_chip(vm.extensions)) }
            td role="cell" class="text-muted t-meta" { (system) }
            td role="cell" class="hide-small" {
                span class="flex gap-1" {
                    @for (name, value) in &vm.tags {
                        span class="tag-chip" { (name) @if !value.is_empty() { "=" (value) } }
                    }
                }
            }
            td role="cell" class="num text-muted" { (ago(vm.created_at)) }
        }
    }
}

/// `Debian 12` for `Debian GNU/Linux 12 (bookworm)`.
fn system_words(pretty: &str) -> String {
    pretty.split(" (").next().unwrap_or(pretty).replace(" GNU/Linux", "")
}

fn nothing(asked: &Asked, rights: &Rights) -> AnyView {
    if asked.narrowed() {
        return view! {
            <EmptyState icon="search" title="Nothing matches these filters" text="There are other machines; none has all of this.">
                <a class="btn" href=paths::VMS>
                    "Clear filters"
                </a>
            </EmptyState>
        }
        .into_any();
    }
    match rights.refusal_in(Permission::ManageMachines, &ResourceGroupName::usual()) {
        None => view! {
            <EmptyState
                icon="machine"
                title="No machines yet"
                text="Enrol the first one with one command, or start a lab machine to try things out."
            >
                <a class="btn btn-primary" href=paths::VM_NEW>
                    <Icon name="plus" class="icon-14" />
                    "Add machine"
                </a>
            </EmptyState>
        }
        .into_any(),
        Some(fault) => view! { <EmptyState icon="lock" title="No machines yet" text=fault.message /> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_turns_around_when_it_is_pressed_again() {
        let asked = Asked { page: PageRequest::new(3, 50), text: "web 1".into(), ..Asked::default() };
        assert_eq!(asked.direction("name"), Some("ascending"));
        assert_eq!(asked.sorted_by("name").sort, "-name");
        assert_eq!(asked.sorted_by("created").href(), "/vms?q=web%201&sort=created");
        assert_eq!(asked.sorted_by("name").sorted_by("name").direction("name"), Some("ascending"));
    }
}
