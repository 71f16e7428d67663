//! One's own account.

use leptos::prelude::*;

/// One's own account.
#[component]
pub fn AccountPage() -> impl IntoView {
    view! { <h1>"AccountPage"</h1> }
}
