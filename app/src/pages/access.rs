//! Accounts: who may do what.

use leptos::prelude::*;

/// Accounts: who may do what.
#[component]
pub fn AccessPage() -> impl IntoView {
    view! { <h1>"AccessPage"</h1> }
}
