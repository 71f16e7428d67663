//! Small bodies of programs' requests are read before anything is answered.
//!
//! A connection on which an answer went out before the body had come is closed, and the client, which has put it back
//! into its pool, finds that out with its next request. A large body stays where it is until a handler asks for it.

use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::Request,
    http::StatusCode,
};

/// What is read without knowing who sends it.
const SMALL: usize = 64 * 1024;

/// Reads a body whose length is told and small.
///
/// # Errors
/// 408 when it did not come: nobody is there to be told more.
pub async fn read(request: Request) -> Result<Request, StatusCode> {
    let told = request.body().size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok());
    if told.is_none_or(|bytes| bytes == 0 || bytes > SMALL) || !crate::rest::path::is_arm(request.uri().path()) {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, SMALL).await.map_err(|_| StatusCode::REQUEST_TIMEOUT)?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}
