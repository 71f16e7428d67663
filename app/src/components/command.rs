//! Text that a person copies into a shell.

use leptos::prelude::*;

use crate::ui::CopyButton;

/// A block of shell text with a button that copies it.
#[component]
pub fn Command(
    /// The text.
    #[prop(into)]
    text: String,
    /// What it does.
    what: &'static str,
    /// More classes of the text, for example a height.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    view! {
        <div class="code-block enrol-box !gap-0">
            <header>
                <span>{what}</span>
                <CopyButton text=text.clone() label=format!("Copy: {what}") />
            </header>
            <pre class=class tabindex="0" role="region" aria-label=what>
                {text}
            </pre>
        </div>
    }
    .into_any()
}
