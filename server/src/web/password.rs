//! Changing one's own password ends the account's sessions; the one that changed it goes on, under a new id.

use axum::{
    extract::{MatchedPath, Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};
use tower_sessions::Session;

use crate::{session, state::AppState};

/// Renews the session after a successful `POST /api/account/password`.
pub(super) async fn keep_own_session(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let changes = request.extensions().get::<MatchedPath>().is_some_and(|m| m.as_str() == "/api/account/password");
    let session = request.extensions().get::<Session>().cloned().filter(|_| changes);
    let response = next.run(request).await;
    if let Some(session) = session
        && changed(&response)
        && let Err(fault) = session::renew(&state, &session).await
    {
        tracing::warn!(%fault, "the session could not be renewed; the person has to sign in again");
    }
    response
}

/// A fetch gets 200; a plain form post is sent back to its page, with the failure in the address if there was one.
fn changed(response: &Response) -> bool {
    let back = response.headers().get(header::LOCATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    match response.status() {
        StatusCode::OK => true,
        StatusCode::FOUND | StatusCode::SEE_OTHER => !back.contains("__err="),
        _ => false,
    }
}
