//! One log line a request, a number that finds it again, and a clear answer when a handler panics.
//!
//! Logged are route templates, never addresses with their query: those may hold tokens.

use std::{panic::AssertUnwindSafe, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    authorization::{Access, Verdict, verdict},
    state::AppState,
};

/// The number of a request; an extension of it, and the header `x-request-id` of its answer.
#[derive(Clone, Copy, Debug)]
pub struct RequestId(pub Uuid);

/// Who asked, as the log names it; handlers behind the guard find it among the answer's extensions.
#[derive(Clone, Debug)]
pub struct AskedBy(pub String);

/// The same number under the names that ARM's clients look for.
const ARM_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const ARM_CORRELATION_ID: HeaderName = HeaderName::from_static("x-ms-correlation-request-id");

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Numbers, times and logs a request that `answer` answers.
pub async fn observe<F>(state: &AppState, mut request: Request, answer: impl FnOnce(Request) -> F) -> Response
where
    F: Future<Output = Response>,
{
    let id = Uuid::now_v7();
    request.extensions_mut().insert(RequestId(id));
    let method = request.method().clone();
    let of_arm = crate::rest::path::is_arm(request.uri().path());
    // templates come from our own table, so their number is bounded; what matches none is one row
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("none", MatchedPath::as_str);
    let span = tracing::info_span!("request", %id, %method, route);
    let begun = Instant::now();
    let run = AssertUnwindSafe(answer(request)).catch_unwind().instrument(span.clone());
    let mut response = run.await.unwrap_or_else(|_| panicked(id));
    let took = begun.elapsed();
    let status = response.status();
    state.figures().answered(&method, route, status, took);
    let actor = response.extensions_mut().remove::<AskedBy>().map_or_else(String::new, |by| by.0);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    // machines and files ask all the time: what went well with them is not worth a line at the usual level
    let routine =
        matches!(verdict(&method, route), Verdict::Needs(Access::Anybody | Access::Encrypted | Access::Machine));
    span.in_scope(|| match status.as_u16() {
        500.. => tracing::warn!(status = status.as_u16(), ms, actor, "answered"),
        ..400 if routine => tracing::debug!(status = status.as_u16(), ms, actor, "answered"),
        _ => tracing::info!(status = status.as_u16(), ms, actor, "answered"),
    });
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        if of_arm {
            response.headers_mut().insert(ARM_REQUEST_ID, value.clone());
            response.headers_mut().insert(ARM_CORRELATION_ID, value.clone());
        }
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    response
}

/// The panic itself was logged by the hook (see `telemetry`), inside the request's span.
fn panicked(reference: Uuid) -> Response {
    let text = format!(
        "Something in Annex broke while it answered. Nothing was half done: changes are written whole or not at all.\n\
         Tell the owner of this portal the reference {reference}; it finds the cause in the server's log.\n"
    );
    (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
}
