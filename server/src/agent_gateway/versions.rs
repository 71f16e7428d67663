//! `GET /?comp=versions`: which protocol versions this server speaks. Said to everybody.

use agent_protocol::Versions;
use axum::{extract::Request, http::Method, response::Response};

use super::goal_state::xml;

/// The answer at `/`, where the portal's first page also lives: only the query tells them apart.
#[must_use]
pub fn answer_at_root(request: &Request) -> Option<Response> {
    let asks = request.method() == Method::GET
        && request.uri().path() == "/"
        && request.uri().query().is_some_and(|q| q.split('&').any(|pair| pair.eq_ignore_ascii_case("comp=versions")));
    asks.then(|| xml(Versions::default().render()))
}
