//! What needs me.

use leptos::prelude::*;

/// What needs me.
#[component]
pub fn HomePage() -> impl IntoView {
    view! { <h1>"HomePage"</h1> }
}
