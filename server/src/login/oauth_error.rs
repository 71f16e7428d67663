//! How a request for a token is refused (RFC 6749, section 5.2): a word for programs, and a sentence that says what to do.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::fault::{Fault, FaultKind};
use serde_json::json;

/// A refusal.
#[derive(Debug)]
pub(super) struct OAuthError {
    status: StatusCode,
    word: &'static str,
    description: String,
}

impl OAuthError {
    /// The request is malformed.
    pub(super) fn invalid_request(description: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, word: "invalid_request", description: description.into() }
    }

    /// With another word of RFC 6749.
    pub(super) fn bad(word: &'static str, description: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, word, description: description.into() }
    }
}

impl From<Fault> for OAuthError {
    fn from(fault: Fault) -> Self {
        let (status, word) = match (fault.kind, fault.code.as_str()) {
            (_, "InvalidResource") => (StatusCode::BAD_REQUEST, "invalid_scope"),
            (FaultKind::Unauthenticated, _) => (StatusCode::UNAUTHORIZED, "invalid_client"),
            (FaultKind::TooMany, _) => (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable"),
            (FaultKind::Unavailable, _) => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
            (FaultKind::Internal, _) => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
            _ => (StatusCode::BAD_REQUEST, "invalid_request"),
        };
        Self { status, word, description: fault.message }
    }
}

impl From<control::Error> for OAuthError {
    fn from(error: control::Error) -> Self {
        error.into_fault().into()
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.word, "error_description": self.description });
        let mut response = (self.status, Json(body)).into_response();
        if self.word == "temporarily_unavailable" {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}
