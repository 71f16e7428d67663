//! What is offered.

use leptos::prelude::*;

/// What is offered.
#[component]
pub fn MarketplacePage() -> impl IntoView {
    view! { <h1>"MarketplacePage"</h1> }
}
