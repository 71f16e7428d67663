//! `GET /?comp=versions`: which protocol versions this server speaks. Said to everybody.

use agent_protocol::Versions;
use axum::{extract::Request, http::Method, middleware::Next, response::Response};

use super::goal_state::xml;

/// Answers at `/`, where the portal's first page also lives: only the query tells them apart.
pub async fn answer_at_root(request: Request, next: Next) -> Response {
    let asks = request.method() == Method::GET
        && request.uri().path() == "/"
        && request.uri().query().is_some_and(|q| q.split('&').any(|pair| pair.eq_ignore_ascii_case("comp=versions")));
    if asks { xml(Versions::default().render()) } else { next.run(request).await }
}
