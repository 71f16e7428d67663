//! Adding a machine.

use leptos::prelude::*;

/// Adding a machine.
#[component]
pub fn VmNewPage() -> impl IntoView {
    view! { <h1>"VmNewPage"</h1> }
}
