//! What programs may ask: the API's own description, to read and to search. One operation is open at a time.

use domain::{
    api_reference::{ApiLine, ApiOperation, ApiReference},
    home,
    show_as::{ApiPlace, az_sign_in, token_lines},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use maud::{Markup, html};

use crate::{
    calls::reference::api_reference,
    components::{frame::use_frame, part::part},
    paths,
    ui::{CopyButton, EmptyState, FilterBar, Icon, PageHead, count_of, icon, loaded, still},
};

/// The API, for people.
#[component]
pub fn ApiPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        (query.get("q").unwrap_or_default(), query.get("op").unwrap_or_default())
    });
    let data = Resource::new(move || asked.get(), |(text, operation)| api_reference(text, operation));
    let text = Signal::derive(move || asked.get().0);
    let frame = use_frame();
    view! {
        <PageHead title="API" lede="What az, the SDKs and your own programs may ask. Each call does what the portal does and shows here live.">
            <a class="btn" href=paths::API_DOCUMENT rel="external">
                <Icon name="file" class="icon-14" />
                "OpenAPI document"
            </a>
        </PageHead>
        <div class="split">
            <div class="stack">
                <FilterBar
                    action=paths::API
                    label="Search operations"
                    placeholder="Path, method or words"
                    text
                    narrowed=Signal::derive(move || text.with(|text| !text.is_empty()))
                >
                    ""
                </FilterBar>
                {loaded(data, move |reference| list(&reference, &text.get_untracked()))}
            </div>
            <aside class="stack sticky-side" aria-label="Signing in">
                {part(frame.0, |frame: home::Frame| sign_in(&frame.api))}
            </aside>
        </div>
    }
    .into_any()
}

fn list(reference: &ApiReference, text: &str) -> AnyView {
    if reference.groups.is_empty() {
        return view! {
            <section class="card">
                <EmptyState icon="search" title="No operation matches" text="Other words, or fewer, may find one." />
            </section>
        }
        .into_any();
    }
    still(all(reference, text)).into_any()
}

fn all(reference: &ApiReference, text: &str) -> Markup {
    let all = count_of(reference.total as u64, "operation", "operations");
    html! {
        div class="stack" {
            p class="meta" { (reference.matching) " of " (all) ", version " (reference.version) }
            @for (at, group) in reference.groups.iter().enumerate() {
                section class="card" aria-labelledby={ "api-group-" (at) } {
                    div class="card-head" {
                        h2 id={ "api-group-" (at) } { (group.name) " " span class="count" { (group.lines.len()) } }
                    }
                    ul {
                        @for one in &group.lines {
                            li class="api-operation" {
                                (line(one, text, reference.opened.as_ref()))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn line(one: &ApiLine, text: &str, opened: Option<&ApiOperation>) -> Markup {
    let opened = opened.filter(|opened| opened.line.id == one.id);
    // open: the same link closes it
    let id = if opened.is_some() { "" } else { &one.id };
    html! {
        a class="list-row api-line" data-noscroll="true" aria-expanded=(opened.is_some())
            href=(paths::with_query(paths::API, &[("q", text), ("op", id)])) {
            span class="api-method mono" { (one.method) }
            span class="grow grid gap-0.5 min-w-0" {
                code class="[overflow-wrap:anywhere]" { @for piece in one.path.split_inclusive('/') { (piece) wbr; } }
                @if !one.summary.is_empty() { span class="meta" { (one.summary) } }
            }
            (icon(if opened.is_some() { "chevron-up" } else { "chevron-down" }, ""))
        }
        @if let Some(opened) = opened { (whole(opened)) }
    }
}

fn whole(operation: &ApiOperation) -> Markup {
    html! {
        div class="card-body grid gap-4" id="operation" {
            @if !operation.description.is_empty() { p class="text-table whitespace-pre-line" { (operation.description) } }
            @if !operation.parameters.is_empty() {
                div {
                    h3 { "Parameters" }
                    dl class="key-value mt-2" {
                        @for parameter in &operation.parameters {
                            dt { code { (parameter.name) } }
                            dd {
                                span class="meta" {
                                    (parameter.place) @if parameter.required { ", required" }
                                }
                                @if !parameter.meaning.is_empty() { br; (parameter.meaning) }
                            }
                        }
                    }
                }
            }
            @if let Some(body) = &operation.body { (block("Body", "An example of the body", body)) }
            @for response in &operation.responses {
                div class="grid gap-2" {
                    h3 { (response.status) " " span class="font-normal text-muted" { (response.meaning) } }
                    @if let Some(example) = &response.example {
                        (block("Answer", &format!("An example of the answer {}", response.status), example))
                    }
                }
            }
        }
    }
}

fn block(title: &str, label: &str, text: &str) -> Markup {
    html! {
        div class="code-block" {
            header { span { (title) } }
            pre tabindex="0" role="region" aria-label=(label) { (text) }
        }
    }
}

fn sign_in(api: &ApiPlace) -> AnyView {
    let lines = [("az", az_sign_in(api)), ("curl", token_lines(api))].map(|(title, text)| {
        view! {
            <div class="code-block">
                <header>
                    <span>{title}</span>
                    <CopyButton text=text.clone() label=format!("Copy the lines for {title}") />
                </header>
                <pre tabindex="0" role="region" aria-label=format!("Signing in with {title}")>
                    {text}
                </pre>
            </div>
        }
    });
    view! {
        <section class="card" aria-labelledby="sign-in-heading">
            <div class="card-head">
                <h2 id="sign-in-heading">"Signing in"</h2>
            </div>
            <div class="card-body grid gap-4">
                <dl class="key-value">
                    <dt>"Address"</dt>
                    <dd>
                        <code class="[overflow-wrap:anywhere]">{api.url.clone()}</code>
                    </dd>
                    <dt>"Subscription"</dt>
                    <dd>
                        <code class="[overflow-wrap:anywhere]">{api.subscription_id.clone()}</code>
                    </dd>
                </dl>
                <p class="hint">
                    "Programs sign in as a service principal. An Owner makes one on the page "
                    <a class="link" href=paths::ACCESS>
                        "Access"
                    </a> " and gives it a role. The API answers over TLS only; "<code>"annex ca"</code>
                    " prints the authority to trust, kept here as annex-ca.pem."
                </p>
                {lines.collect_view()}
            </div>
        </section>
    }
    .into_any()
}
