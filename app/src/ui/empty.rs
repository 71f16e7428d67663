//! Nothing to show, and not yet anything to show.

use leptos::prelude::*;

use super::Icon;

/// Says why there is nothing (nothing yet, nothing matches, not allowed) and the one next action, as `children`.
#[component]
pub fn EmptyState(
    /// Symbol id.
    icon: &'static str,
    /// The fact.
    #[prop(into)]
    title: String,
    /// Why, and what to do.
    #[prop(into)]
    text: String,
    /// Links or forms.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <span class="glyph">
                <Icon name=icon class="icon-20" />
            </span>
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="row-wrap">{children()}</div> })}
        </div>
    }
    .into_any()
}

/// Grey bars of the final height while a page is on its way.
#[component]
pub fn Skeleton(
    /// Rows.
    #[prop(optional, default = 6)]
    rows: usize,
) -> impl IntoView {
    view! {
        <div class="card skeleton-card" role="status">
            <span class="sr-only">"Loading"</span>
            {(0..rows)
                .map(|_| {
                    view! {
                        <div class="list-row" aria-hidden="true">
                            <div class="grow grid gap-2">
                                <div class="skeleton w-1/3"></div>
                                <div class="skeleton w-2/3"></div>
                            </div>
                        </div>
                    }
                })
                .collect_view()}
        </div>
    }
    .into_any()
}
