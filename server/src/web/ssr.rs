//! The pages: rendered here, hydrated in the browser. Server functions are mounted with them.

use std::sync::Arc;

use app::{
    paths::{SIGN_IN, WELCOME},
    session::{RequestScope, Theme},
    typed::Typed,
};
use axum::{
    Router,
    extract::{FromRef, Request},
    http::request::Parts,
    middleware,
    response::Response,
    routing::post,
};
use control::Control;
use domain::{actor::Actor, portal::Portal, timestamp::Timestamp};
use leptos::{
    config::LeptosOptions,
    prelude::{provide_context, use_context},
};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, generate_route_list_with_exclusions_and_ssg_and_context,
    render_app_async_with_context,
};

use super::{refused, theme, unreadable};
use crate::state::AppState;

/// Addresses that no page has.
const NO_PAGE: &str = "/{*any}";

/// Pages and server functions, each with its request scope.
pub(super) fn mount(state: &AppState) -> Router<AppState> {
    let portal: Arc<dyn Portal> = Arc::new(state.control().clone());
    let control = state.control().clone();
    let options = LeptosOptions::from_ref(state);
    let pages = page_routes(state.control());
    // forms of pages within the frame come back to them when they are refused without scripts
    let framed = pages.iter().map(AxumRouteListing::path).filter(|path| ![SIGN_IN, WELCOME, NO_PAGE].contains(path));
    let refused = framed.fold(Router::new(), |router, path| router.route(path, post(refused::page)));
    let router = Router::new().leptos_routes_with_context(
        state,
        pages.clone(),
        move || provide_scope(&portal, control.now()),
        move || app::shell(options.clone()),
    );
    router
        .merge(refused)
        .layer(middleware::from_fn(unreadable::status_of_the_fault))
        .layer(middleware::from_fn(refused::take_fields_back))
}

/// One page, in one piece.
pub(super) async fn render(state: &AppState, request: Request) -> Response {
    let portal: Arc<dyn Portal> = Arc::new(state.control().clone());
    let (options, now) = (LeptosOptions::from_ref(state), state.control().now());
    let render =
        render_app_async_with_context(move || provide_scope(&portal, now), move || app::shell(options.clone()));
    render(request).await
}

/// The pages there are, as the application's own router lists them.
#[must_use]
pub fn page_routes(control: &Control) -> Vec<AxumRouteListing> {
    let portal: Arc<dyn Portal> = Arc::new(control.clone());
    let now = control.now();
    let provide = move || provide_context(scope(&portal, now));
    generate_route_list_with_exclusions_and_ssg_and_context(app::App, None, provide).0
}

fn provide_scope(portal: &Arc<dyn Portal>, now: Timestamp) {
    let mut scope = scope(portal, now);
    if let Some(parts) = use_context::<Parts>() {
        scope.actor = parts.extensions.get::<Actor>().cloned();
        scope.theme = theme::chosen(&parts.headers);
        scope.typed = parts.extensions.get::<Typed>().cloned().unwrap_or_default();
    }
    provide_context(scope);
}

/// Of a stranger.
fn scope(portal: &Arc<dyn Portal>, now: Timestamp) -> RequestScope {
    RequestScope { portal: portal.clone(), actor: None, theme: Theme::System, now, typed: Typed::default() }
}
