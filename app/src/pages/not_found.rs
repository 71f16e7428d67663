//! No such page.

use leptos::prelude::*;

/// No such page.
#[component]
pub fn NotFound() -> impl IntoView {
    view! { <h1>"NotFound"</h1> }
}

/// The same for an address that matches no route at all.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    NotFound()
}
