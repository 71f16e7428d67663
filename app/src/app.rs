//! The application's root view.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::Router;

use crate::{live, pages::PageRoutes, typed, ui};

/// Everything inside `<body>`.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    ui::provide_clock();
    ui::provide_toasts();
    live::provide_live();
    typed::provide_typed();
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Annex".to_owned() } else { format!("{title} · Annex") } />
        <Router>
            <PageRoutes />
        </Router>
    }
    .into_any()
}
