//! A fault as an HTTP answer for browsers and programs of people: its JSON, under the status of its kind.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::fault::{Fault, FaultKind};

/// The HTTP status of a kind of fault; the same mapping that the pages use.
#[must_use]
pub fn status(kind: FaultKind) -> StatusCode {
    StatusCode::from_u16(app::error::http_status(kind)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The answer.
#[must_use]
pub fn fault(fault: &Fault) -> Response {
    let mut response = (status(fault.kind), Json(fault)).into_response();
    // for those who want a page instead (`http::explain`)
    response.extensions_mut().insert(fault.clone());
    if matches!(fault.kind, FaultKind::TooMany | FaultKind::Unavailable) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}
