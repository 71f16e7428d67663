//! Installing an extension on one or several machines.

use leptos::prelude::*;

/// Installing an extension on one or several machines.
#[component]
pub fn InstallPage() -> impl IntoView {
    view! { <h1>"InstallPage"</h1> }
}
