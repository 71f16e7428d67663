//! What browsers ask: pages, forms, the event stream, downloads, files of the site.

mod activity;
mod agent_log;
mod assets;
mod authority;
mod live;
mod metrics;
mod output;
mod packages;
mod password;
mod ready;
mod refused;
mod sign_in;
mod sign_out;
mod ssr;
mod theme;
mod unreadable;
mod welcome;

use std::time::Duration;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware,
    routing::{get, post},
};
use tower_http::{
    compression::{
        CompressionLayer, CompressionLevel, Predicate,
        predicate::{DefaultPredicate, NotForContentType},
    },
    limit::RequestBodyLimitLayer,
    timeout::TimeoutLayer,
};

pub use assets::{leptos_options, public_files, stylesheet};
pub use ssr::page_routes;

use crate::state::AppState;

/// Most bytes of a form or server function call: two settings texts of 256 KiB, percent-encoded, fit.
const FORM_BYTES: usize = 4 * 1024 * 1024;
/// A page or form is answered within this time.
const ANSWER: Duration = Duration::from_secs(30);

/// All routes of this transport.
pub fn router(state: &AppState) -> Router<AppState> {
    let pages = ssr::mount(state)
        .route("/sign-in", post(sign_in::sign_in))
        .route("/sign-out", post(sign_out::sign_out))
        .route("/welcome", post(welcome::welcome))
        .route("/theme", post(theme::theme))
        .route("/activity.csv", get(activity::csv))
        .route("/operations/{id}/output/{file}", get(output::text))
        .route("/ca.pem", get(authority::certificate))
        .route("/healthz", get(ready::alive))
        .route("/readyz", get(ready::ready))
        .route("/metrics", get(metrics::metrics))
        .layer(middleware::from_fn_with_state(state.clone(), password::keep_own_session))
        .layer(RequestBodyLimitLayer::new(FORM_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, ANSWER))
        .layer(compression());
    let uploads = Router::new()
        .route("/packages", post(packages::publish))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(packages::LARGEST));
    // packed already
    let downloads = Router::new().route("/vms/{id}/agent-log/{number}", get(agent_log::zip));
    pages.merge(uploads).merge(downloads).merge(assets::router(state)).route("/live", get(live::live))
}

/// Pages are compressed on the fly, cheaply; files of the site were compressed when they were built.
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(DefaultPredicate::new().and(NotForContentType::SSE))
}
