//! `POST /welcome`: the printed link becomes the first owner. Works once.

use app::paths;
use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::{fault::Fault, secret::Secret};
use serde::Deserialize;
use tower_sessions::Session;

use crate::{session, state::AppState};

#[derive(Deserialize)]
pub(super) struct Welcome {
    #[serde(default)]
    token: Secret,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: Secret,
}

/// Makes the owner and signs in, or goes back to the form with the fault's code.
pub(super) async fn welcome(State(state): State<AppState>, session: Session, Form(form): Form<Welcome>) -> Response {
    let made = state.control().welcome(form.token.reveal(), &form.name, form.password).await;
    let begun = match made {
        Ok(who) => session::begin(&state, &session, &who).await,
        Err(error) => Err(Fault::from(error)),
    };
    match begun {
        Ok(()) => Redirect::to(paths::HOME).into_response(),
        Err(fault) => {
            let field = fault.target.unwrap_or_default();
            let query = [
                ("token", form.token.reveal()),
                ("error", fault.code.as_str()),
                ("field", field.as_str()),
                ("name", form.name.as_str()),
            ];
            Redirect::to(&paths::with_query(paths::WELCOME, &query)).into_response()
        }
    }
}
