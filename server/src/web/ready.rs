//! `GET /healthz` and `GET /readyz`, for whoever watches the server.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::state::AppState;

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// The process can do its work: it is not draining, and the database answers.
pub(super) async fn ready(State(state): State<AppState>) -> Response {
    if state.shutdown().is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    match state.control().ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response(),
    }
}
