//! No such page.

use leptos::prelude::*;

use crate::{
    paths,
    ui::{EmptyState, PageHead},
};

/// No such page; the answer's status is 404.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <PageHead title="Not found" />
        <section class="card">
            <EmptyState
                icon="question"
                title="There is no page at this address"
                text="It may have been mistyped, or what it showed is gone."
            >
                <a class="btn btn-primary" href=paths::HOME>
                    "Home"
                </a>
                <a class="btn" href=paths::VMS>
                    "Machines"
                </a>
            </EmptyState>
        </section>
    }
    .into_any()
}

/// The same for an address that matches no route at all.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <main id="main" class="mx-auto">
            <NotFound />
        </main>
    }
    .into_any()
}
