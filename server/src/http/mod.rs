//! What every request goes through, whichever transport answers it.
//!
//! ```text
//!  request ─► rewrite (addresses as the router knows them) ─► observe (id, span, one log line, panics, figures) ─► slow_body ─► small_bodies
//!          ─► session (people's routes) ─► guard (authorization table, deny by default; same_origin for cookie routes) ─► handler
//!  answer  ◄─ security_headers ◄─ explain ◄─┘
//! ```

pub mod explain;
pub mod guard;
pub mod observe;
pub mod origin;
pub mod refuse_program;
pub mod remote;
pub mod rewrite;
pub mod same_origin;
pub mod security_headers;
pub mod slow_body;
pub mod small_bodies;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{agent_gateway, state::AppState};

/// What lies around the guard, as one layer: every layer of a router boxes its request, its answer and all layers below
/// it once more.
pub async fn around(State(state): State<AppState>, request: Request, next: Next) -> Response {
    observe::observe(&state, request, |request| async {
        let mut response = match agent_gateway::answer_at_root(&request) {
            Some(response) => response,
            None => answer(&state, request, next).await,
        };
        security_headers::add(&state, &mut response);
        response
    })
    .await
}

async fn answer(state: &AppState, request: Request, next: Next) -> Response {
    let request = match small_bodies::read(slow_body::limit(request)).await {
        Ok(request) => request,
        Err(status) => return status.into_response(),
    };
    let way_back = explain::way_back(&request);
    explain::explain(state, next.run(request).await, way_back)
}
