//! `POST /sign-in`: a plain form, so that it works before hydration and without scripts.

use app::paths;
use axum::{
    Form,
    extract::State,
    http::{Extensions, HeaderMap},
    response::{IntoResponse, Redirect, Response},
};
use domain::{fault::Fault, secret::Secret};
use serde::Deserialize;
use tower_sessions::Session;

use crate::{http::remote, session, state::AppState};

#[derive(Deserialize)]
pub(super) struct SignIn {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: Secret,
    #[serde(default)]
    next: String,
}

/// Begins a session and goes on to `next`, or back to the form with the fault's code.
pub(super) async fn sign_in(
    State(state): State<AppState>,
    session: Session,
    extensions: Extensions,
    headers: HeaderMap,
    Form(form): Form<SignIn>,
) -> Response {
    let remote = remote::remote_text(&extensions, &headers, state.config().behind_proxy);
    let begun = match state.control().sign_in(&form.name, form.password, &remote).await {
        Ok(who) => session::begin(&state, &session, &who).await,
        Err(error) => Err(Fault::from(error)),
    };
    match begun {
        Ok(()) => Redirect::to(paths::local_or_home(&form.next)).into_response(),
        Err(fault) => {
            let query = [("error", fault.code.as_str()), ("name", &form.name), ("next", &form.next)];
            Redirect::to(&paths::with_query(paths::SIGN_IN, &query)).into_response()
        }
    }
}
