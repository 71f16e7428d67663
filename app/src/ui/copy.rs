//! Copying a value.

use std::time::Duration;

use leptos::prelude::*;

use super::Icon;

/// Copies `text`; says so for a moment. Shown only once the page is alive, because it cannot work before.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What it is, for its name: "Copy the command".
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let alive = RwSignal::new(false);
    let done = RwSignal::new(false);
    Effect::new(move |_| alive.set(window().is_secure_context()));
    let copy = move |_| {
        let _ = window().navigator().clipboard().write_text(&text.get_untracked());
        done.set(true);
        set_timeout(
            move || {
                done.try_set(false);
            },
            Duration::from_millis(1500),
        );
    };
    view! {
        <button type="button" class="btn btn-ghost btn-sm" hidden=move || !alive.get() on:click=copy aria-label=label>
            {move || {
                if done.get() {
                    view! { <Icon name="check" class="icon-14" /> }.into_any()
                } else {
                    view! { <Icon name="copy" class="icon-14" /> }.into_any()
                }
            }}
            <span aria-live="polite">{move || if done.get() { "Copied" } else { "Copy" }}</span>
        </button>
    }
    .into_any()
}
