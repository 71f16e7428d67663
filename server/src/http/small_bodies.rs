//! Small bodies of programs' requests are read before anything is answered.
//!
//! A connection on which an answer went out before the body had come is closed, and the client, which has put it back
//! into its pool, finds that out with its next request. A large body stays where it is until a handler asks for it.

use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

/// What is read without knowing who sends it.
const SMALL: usize = 64 * 1024;

/// Reads a body whose length is told and small.
pub async fn read(request: Request, next: Next) -> Response {
    if !crate::rest::path::is_arm(request.uri().path()) {
        return next.run(request).await;
    }
    let told = request.body().size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok());
    if told.is_none_or(|bytes| bytes == 0 || bytes > SMALL) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match to_bytes(body, SMALL).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        // it did not come: nobody is there to be told more
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}
