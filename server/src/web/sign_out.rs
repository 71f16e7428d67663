//! `POST /sign-out`.

use app::paths;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use tower_sessions::Session;

use crate::{answer, session, state::AppState};

/// Ends the session; its event streams end within a second.
pub(super) async fn sign_out(State(state): State<AppState>, session: Session) -> Response {
    match session::end(&state, &session).await {
        Ok(()) => Redirect::to(paths::SIGN_IN).into_response(),
        Err(fault) => answer::fault(&fault),
    }
}
