//! The first owner sets a password.

use leptos::prelude::*;

/// The first owner sets a password.
#[component]
pub fn WelcomePage() -> impl IntoView {
    view! { <h1>"WelcomePage"</h1> }
}
