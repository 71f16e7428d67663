//! How a machine is refused.
//!
//! What the standard agent does with a status (wire protocol, section 1): 2xx is success; 500, 501, 502, 503 and 504 are
//! tried again within 31 s; 403, 429 and 503 count as throttling and are tried again for 25 s; every other 4xx is final
//! at once. So a fault that trying again cannot mend must not be 403 or 5xx.

use agent_protocol::enrol::ErrorResponse;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::fault::{Fault, FaultKind};

/// A fault on its way to a machine.
#[derive(Debug)]
pub struct WireError(Fault);

impl From<Fault> for WireError {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl From<control::Error> for WireError {
    fn from(error: control::Error) -> Self {
        Self(error.into_fault())
    }
}

impl From<agent_protocol::ParseError> for WireError {
    fn from(error: agent_protocol::ParseError) -> Self {
        Self(Fault::new(FaultKind::Invalid, "InvalidDocument", format!("{error}.")))
    }
}

impl IntoResponse for WireError {
    fn into_response(self) -> Response {
        answer(&self.0)
    }
}

/// The status that makes an agent do the right thing.
const fn status(kind: FaultKind) -> StatusCode {
    match kind {
        FaultKind::Invalid => StatusCode::BAD_REQUEST,
        FaultKind::Unauthenticated | FaultKind::Forbidden => StatusCode::UNAUTHORIZED,
        FaultKind::NotFound => StatusCode::NOT_FOUND,
        FaultKind::Conflict | FaultKind::Stale => StatusCode::CONFLICT,
        FaultKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        FaultKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// A fault as agents read it: `{"error":{"code","message"}}`.
#[must_use]
pub fn answer(fault: &Fault) -> Response {
    let mut response = (status(fault.kind), Json(ErrorResponse::new(&fault.code, &fault.message))).into_response();
    if matches!(fault.kind, FaultKind::TooMany | FaultKind::Unavailable) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}
