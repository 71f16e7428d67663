//! What is offered: search and facets in the address, a card for each package, and publishing one's own.

use std::time::Duration;

use domain::{
    actor::Permission,
    extension_image::{ImageCard, Marketplace, MarketplaceFilter},
    fault::Fault,
    live::Topic,
};
use leptos::{html::Input, prelude::*};
use leptos_router::{
    NavigateOptions,
    components::Form,
    hooks::{use_navigate, use_query_map},
};
use maud::{Markup, html};

use crate::{
    calls,
    components::{
        frame::use_frame,
        impact::impact_chips,
        show_as::{ShowAs, portal_only},
        states::category_icon,
    },
    error::FaultLine,
    live::use_live,
    paths,
    ui::{EmptyState, Icon, PageHead, SubmitButton, SubmitKind, count_of, icon, loaded, ready, still, waiting},
};

/// Where else a package can be published.
const PUBLISH_ELSEWHERE: &str =
    "ARM has no call that publishes a package. On the portal's own host `annex package publish <file.zip>` does it.";

/// What the address asks for.
fn filter_of(get: impl Fn(&str) -> Option<String>) -> MarketplaceFilter {
    let some = |key: &str| get(key).filter(|value| !value.is_empty());
    MarketplaceFilter { text: get("q").unwrap_or_default(), category: some("category"), os: some("os") }
}

/// The address of a filter.
fn address(filter: &MarketplaceFilter) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    paths::with_query(
        paths::MARKETPLACE,
        &[("q", &filter.text), ("category", &text(&filter.category)), ("os", &text(&filter.os))],
    )
}

/// What is offered.
#[component]
pub fn MarketplacePage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(|q| filter_of(|key| q.get(key))));
    let data = Resource::new(move || filter.get(), calls::images::image_list);
    use_live(|| vec![Topic::Images, Topic::Vms], move || data.refetch());
    view! {
        <PageHead title="Marketplace" lede="Extensions that can be installed on your machines.">
            <a class="btn" href="#publish">
                <Icon name="publish" class="icon-14" />
                "Publish a package"
            </a>
        </PageHead>
        <SearchForm filter />
        {loaded(data, move |found| view! { <Offers found filter=filter.get_untracked() /> }.into_any())}
        <Publish />
    }
    .into_any()
}

/// A plain GET form; once alive it searches while one types.
#[component]
fn SearchForm(filter: Memo<MarketplaceFilter>) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let navigate = use_navigate();
    let turn = StoredValue::new(0u32);
    let search = move |_| {
        turn.update_value(|t| *t += 1);
        let mine = turn.get_value();
        let navigate = navigate.clone();
        let wait = move || {
            let Some(text) = input.get_untracked().map(|i| i.value()) else { return };
            let changed = filter.with_untracked(|f| f.text != text);
            if turn.try_get_value() == Some(mine) && changed {
                let options = NavigateOptions { replace: true, scroll: false, ..Default::default() };
                navigate(&address(&MarketplaceFilter { text, ..filter.get_untracked() }), options);
            }
        };
        set_timeout(wait, Duration::from_millis(120));
    };
    view! {
        <Form method="GET" action=paths::MARKETPLACE attr:class="market-search" attr:role="search">
            <label class="search-field">
                <span class="sr-only">"Search by name or purpose"</span>
                <Icon name="search" />
                <input
                    class="input"
                    type="search"
                    name="q"
                    placeholder="Search by name or purpose"
                    autocomplete="off"
                    value=filter.with_untracked(|f| f.text.clone())
                    node_ref=input
                    on:input=search
                />
            </label>
            {move || {
                let kept = filter.get();
                [("category", kept.category), ("os", kept.os)]
                    .into_iter()
                    .filter_map(|(name, value)| value.map(|value| view! { <input type="hidden" name=name value=value /> }))
                    .collect_view()
            }}
            <button type="submit" class="btn btn-lg">
                "Search"
            </button>
        </Form>
    }
    .into_any()
}

#[component]
fn Offers(found: Marketplace, filter: MarketplaceFilter) -> impl IntoView {
    let shown = found.cards.len();
    let narrowed = !filter.text.is_empty() || filter.category.is_some() || filter.os.is_some();
    let summary =
        if narrowed { format!("{shown} of {} shown", found.total) } else { count_of(found.total, "offer", "offers") };
    let total = found.total;
    let list = if shown > 0 {
        still(html! { ul class="offer-grid" { @for card in &found.cards { (offer(card)) } } }).into_any()
    } else if total == 0 {
        view! {
            <section class="card">
                <EmptyState
                    icon="marketplace"
                    title="Nothing is published yet"
                    text="An Owner publishes packages below. The first-party ones come with the server's own package folder."
                />
            </section>
        }
        .into_any()
    } else {
        view! {
            <section class="card">
                <EmptyState
                    icon="search"
                    title="Nothing matches"
                    text=format!("{} in the marketplace; none matches this search and these filters.", count_of(total, "offer is", "offers are"))
                >
                    <a class="btn" href=paths::MARKETPLACE>
                        "Clear search and filters"
                    </a>
                </EmptyState>
            </section>
        }
        .into_any()
    };
    let category = {
        let filter = filter.clone();
        move |value: Option<String>| address(&MarketplaceFilter { category: value, ..filter.clone() })
    };
    let chosen = (filter.category.clone(), filter.os.clone());
    let os = move |value: Option<String>| address(&MarketplaceFilter { os: value, ..filter.clone() });
    view! {
        <div class="spread mb-3">
            <p class="meta" role="status">{summary}</p>
            {narrowed.then(|| view! { <a class="link text-table" href=paths::MARKETPLACE>"Clear"</a> })}
        </div>
        <div class="split-facets">
            <a class="facet-toggle" href="#facets">
                <Icon name="filter" />
                "Filters"
            </a>
            <nav class="facet-panel" id="facets" aria-label="Filters">
                <Facet title="Category" rows=found.categories chosen=chosen.0 href=category />
                <Facet title="Operating system" rows=found.systems chosen=chosen.1 href=os />
            </nav>
            <section aria-labelledby="offers-title">
                <h2 class="sr-only" id="offers-title">
                    "Offers"
                </h2>
                {list}
            </section>
        </div>
    }
    .into_any()
}

/// One facet: every value is a link; the chosen one takes itself back.
#[component]
fn Facet(
    title: &'static str,
    rows: Vec<(String, u32)>,
    chosen: Option<String>,
    href: impl Fn(Option<String>) -> String + 'static,
) -> impl IntoView {
    let items = rows
        .into_iter()
        .map(|(value, count)| {
            let on = chosen.as_deref() == Some(&value);
            let label = if title == "Operating system" { system_name(&value) } else { value.clone() };
            let to = href((!on).then_some(value));
            view! {
                <li>
                    <a class="facet" href=to aria-current=on.then_some("true")>
                        <span class="facet-box">{on.then(|| view! { <Icon name="check" class="icon-12" /> })}</span>
                        <span>{label}</span>
                        <span>{count}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <div>
            <h2 class="facet-title">{title}</h2>
            <ul>{items}</ul>
        </div>
    }
    .into_any()
}

/// The name people use for an operating system.
pub fn system_name(code: &str) -> String {
    match code {
        "linux" => "Linux".into(),
        "windows" => "Windows".into(),
        other => other.into(),
    }
}

fn offer(card: &ImageCard) -> Markup {
    let ImageCard { fits, machines, installed, .. } = *card;
    let fill = if machines > 0 && fits == machines { "c-ok" } else { "c-bar" };
    html! {
        li class="card extension-card" {
            div class="flex gap-3" {
                span class="ext-glyph" { (icon(category_icon(&card.category), "icon-20")) }
                div class="min-w-0" {
                    h3 { a href=(paths::image(&card.publisher, &card.extension_type, None)) { (card.title) } }
                    p class="meta" { (card.publisher.as_str()) }
                }
            }
            p class="purpose" { (card.summary) }
            (impact_chips(&card.impact))
            footer {
                p {
                    @if machines == 0 { "No machines to check against yet" }
                    @else { "Fits " strong class="text-text" { (fits) " of " (machines) } " machines" }
                }
                svg class="meter" viewBox={ "0 0 " (machines.max(1)) " 4" } preserveAspectRatio="none" aria-hidden="true" {
                    rect class="c-mute" width=(machines.max(1)) height="4" {}
                    rect class=(fill) width=(fits) height="4" {}
                }
                p class="spread" {
                    span {
                        @if installed == 0 { "not installed yet" } @else { "on " (count_of(installed, "machine", "machines")) }
                    }
                    span class="mono" { (card.version.as_str()) }
                }
            }
        }
    }
}

/// Publishing one's own package: a plain upload. `?error=` and `?message=` say why the last one was refused.
#[component]
fn Publish() -> impl IntoView {
    let query = use_query_map();
    let frame = use_frame();
    let refused = move || {
        query.with(|q| {
            let code = q.get("error").filter(|code| !code.is_empty())?;
            let message = q.get("message").unwrap_or_else(|| "The package was refused.".into());
            Some(Fault::new(domain::fault::FaultKind::Invalid, code, message))
        })
    };
    let pending = RwSignal::new(false);
    let button = waiting(false, move || {
        Box::pin(async move {
            let refusal = frame.refusal(Permission::PublishPackages).await;
            ready(move || {
                view! {
                    <SubmitButton
                        id="publish-button"
                        label="Publish package"
                        icon="publish"
                        kind=SubmitKind::Plain
                        refusal=Signal::stored(refusal)
                        pending
                    />
                }
                .into_any()
            })
        })
    });
    view! {
        <section class="card mt-8" id="publish" aria-labelledby="publish-title">
            <div class="card-head">
                <h2 id="publish-title">"Publish a package"</h2>
                <span class="meta">"zip, at most 256 MB"</span>
            </div>
            <form
                class="card-body grid gap-4"
                method="post"
                action=paths::PACKAGES
                enctype="multipart/form-data"
                on:submit=move |event| {
                    if !event.default_prevented() {
                        pending.set(true);
                    }
                }
            >
                <p class="hint">
                    "A zip with " <code>"HandlerManifest.json"</code> " and " <code>"ExtensionImage.json"</code>
                    " at its root. It is checked, signed by this server and offered at once under its own version; a version "
                    "that exists is never replaced."
                </p>
                {move || refused().map(|fault| view! { <FaultLine fault /> })}
                <div class="field">
                    <label class="field-label" for="package">
                        "Package"
                    </label>
                    <input class="input file-input" type="file" id="package" name="package" accept=".zip,application/zip" required />
                </div>
                <div class="row-wrap">
                    {button}
                    <ShowAs id="publish" asked=portal_only(PUBLISH_ELSEWHERE) />
                </div>
            </form>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_survive_their_address() {
        let filter = MarketplaceFilter { text: "a b".into(), category: Some("Automation".into()), os: None };
        assert_eq!(address(&filter), "/marketplace?q=a%20b&category=Automation");
        let read = |key: &str| match key {
            "q" => Some("a b".to_owned()),
            "category" => Some("Automation".to_owned()),
            _ => Some(String::new()),
        };
        assert_eq!(filter_of(read), filter);
    }
}
