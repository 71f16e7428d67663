//! One extension on one machine.

use leptos::prelude::*;

/// One extension on one machine.
#[component]
pub fn VmExtensionPage() -> impl IntoView {
    view! { <h1>"VmExtensionPage"</h1> }
}
