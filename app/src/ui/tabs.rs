//! Tabs of one page, each with its own address.

use leptos::prelude::*;

/// Links to the tabs: address, label, number beside it. `here` is the address of the present one.
#[component]
pub fn Tabs(
    /// What they are tabs of.
    #[prop(into)]
    label: String,
    /// Address, label, number.
    tabs: Vec<(String, &'static str, Option<usize>)>,
    /// The present one's address.
    #[prop(into)]
    here: String,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            {tabs
                .into_iter()
                .map(|(href, label, count)| {
                    let current = (href == here).then_some("page");
                    view! {
                        <a href=href aria-current=current>
                            {label}
                            {count.map(|count| view! { <span class="count">{count}</span> })}
                        </a>
                    }
                })
                .collect_view()}
        </nav>
    }
    .into_any()
}
