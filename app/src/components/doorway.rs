//! The pages before signing in.

use leptos::prelude::*;

use crate::{components::frame::Wordmark, ui::Icon};

/// The sign, and a card with the form, in the middle of the page.
#[component]
pub fn Doorway(
    /// One line below the card.
    note: AnyView,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <main id="main" class="doorway">
            <div class="w-full max-w-[372px]">
                <div class="doorway-sign">
                    <Wordmark />
                </div>
                <div class="card">{children()}</div>
                <p class="meta doorway-note">{note}</p>
            </div>
        </main>
    }
    .into_any()
}

/// Why it did not work, above the fields.
#[component]
pub fn DoorwayError(
    /// The fact.
    heading: &'static str,
    /// What to do.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <div class="banner" data-state="failed" role="alert">
            <Icon name="warn" />
            <div class="grow">
                <strong>{heading}</strong>
                {text}
            </div>
        </div>
    }
    .into_any()
}
