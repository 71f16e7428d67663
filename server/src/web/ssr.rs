//! The pages: rendered here, hydrated in the browser. Server functions are mounted with them.

use app::session::{RequestScope, Theme};
use axum::{Router, http::request::Parts};
use control::Control;
use domain::{actor::Actor, portal::Portal};
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list_with_exclusions_and_ssg_and_context};
use std::sync::Arc;

use super::theme;
use crate::state::AppState;

/// Pages and server functions, each with its request scope.
pub(super) fn mount(state: &AppState) -> Router<AppState> {
    let portal: Arc<dyn Portal> = Arc::new(state.control().clone());
    let options = <leptos::config::LeptosOptions as axum::extract::FromRef<AppState>>::from_ref(state);
    Router::new().leptos_routes_with_context(
        state,
        page_routes(state.control()),
        move || provide_scope(&portal),
        move || app::shell(options.clone()),
    )
}

/// The pages there are, as the application's own router lists them.
#[must_use]
pub fn page_routes(control: &Control) -> Vec<AxumRouteListing> {
    let portal: Arc<dyn Portal> = Arc::new(control.clone());
    let provide = move || provide_context(scope(&portal, None, Theme::System));
    generate_route_list_with_exclusions_and_ssg_and_context(app::App, None, provide).0
}

fn provide_scope(portal: &Arc<dyn Portal>) {
    let (actor, chosen) = match use_context::<Parts>() {
        Some(parts) => (parts.extensions.get::<Actor>().cloned(), theme::chosen(&parts.headers)),
        None => (None, Theme::System),
    };
    provide_context(scope(portal, actor, chosen));
}

fn scope(portal: &Arc<dyn Portal>, actor: Option<Actor>, theme: Theme) -> RequestScope {
    RequestScope { portal: portal.clone(), actor, theme, now: crate::session::now() }
}
