//! `POST /theme`: light, dark, or as the browser asks. Kept in a cookie, so the first byte of a page knows it.

use app::{paths, session::Theme};
use axum::{
    Form,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::state::AppState;

const COOKIE: &str = "theme";
const YEAR_SECONDS: u32 = 31_536_000;

#[derive(Deserialize)]
pub(super) struct Choice {
    theme: String,
    #[serde(default)]
    next: String,
}

/// Keeps the choice and goes back to where it was made.
pub(super) async fn theme(State(state): State<AppState>, Form(choice): Form<Choice>) -> Response {
    let code = Theme::parse(&choice.theme).code();
    let secure = if state.config().secure_cookies { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={code}; Path=/; Max-Age={YEAR_SECONDS}; SameSite=Lax; HttpOnly{secure}");
    ([(header::SET_COOKIE, cookie)], Redirect::to(paths::local_or_home(&choice.next))).into_response()
}

/// What the cookie says.
pub(super) fn chosen(headers: &HeaderMap) -> Theme {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let found = cookies.flat_map(|line| line.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    });
    Theme::parse(found.unwrap_or_default())
}
