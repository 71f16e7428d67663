//! One offer of the marketplace.

use leptos::prelude::*;

/// One offer of the marketplace.
#[component]
pub fn ImagePage() -> impl IntoView {
    view! { <h1>"ImagePage"</h1> }
}
