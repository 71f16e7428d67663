//! The search form above a list.

use leptos::prelude::*;

use super::Icon;

/// A search box with more choices beside it (`children`): a plain `GET` form, so that the address holds what is asked.
#[component]
pub fn FilterBar(
    /// Address of the list.
    action: &'static str,
    /// What is searched, for screen readers: "Filter machines".
    label: &'static str,
    /// What words are looked for in.
    placeholder: &'static str,
    /// The words of the address.
    #[prop(into)]
    text: Signal<String>,
    /// Something is left out now: offers to show everything.
    #[prop(into)]
    narrowed: Signal<bool>,
    /// Selects, check boxes and hidden fields.
    children: Children,
) -> impl IntoView {
    view! {
        <form method="get" action=action class="flex gap-2 flex-wrap items-center flex-1 min-w-[220px]" role="search">
            <label class="search-field flex-1 min-w-[200px]">
                <Icon name="search" />
                <span class="sr-only">{label}</span>
                <input class="input" type="search" name="q" placeholder=placeholder value=text />
            </label>
            {children()}
            <button class="btn">"Search"</button>
            {move || {
                narrowed
                    .get()
                    .then(|| {
                        view! {
                            <a class="btn btn-ghost" href=action>
                                "Clear filters"
                            </a>
                        }
                    })
            }}
        </form>
    }
    .into_any()
}
