//! Arguments of a server function that cannot be read are the sender's fault; Leptos answers them as the server's own.

use app::error::UiError;
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::Response,
};
use domain::fault::FaultKind;
use leptos::server_fn::error::FromServerFnError;

use crate::answer;

/// More than a fault ever is.
const FAULT_MOST: usize = 64 * 1024;

/// Gives the answer of a server function the status of the fault in it.
pub(super) async fn status_of_the_fault(request: Request, next: Next) -> Response {
    let to_function = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    if !to_function || response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, FAULT_MOST).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let fault = UiError::de(bytes.clone()).0;
    if fault.kind == FaultKind::Invalid {
        parts.status = answer::status(fault.kind);
    }
    Response::from_parts(parts, Body::from(bytes))
}
