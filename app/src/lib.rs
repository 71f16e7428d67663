//! Annex: the portal's pages, rendered on the server and hydrated in the browser.
use leptos::prelude::*;

/// The application's root view.
#[component]
pub fn App() -> impl IntoView {
    view! { <p>"Annex"</p> }
}
