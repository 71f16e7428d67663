//! How a program is refused before its request reaches a handler: ARM's envelope, and where to get a token.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::fault::{Fault, FaultKind};
use serde_json::json;

/// The answer. `authorization_uri`: where tokens come from, told to those who have none.
#[must_use]
pub fn refuse_program(fault: &Fault, authorization_uri: Option<&str>) -> Response {
    let body = json!({ "error": { "code": fault.code, "message": fault.message } });
    let status = match fault.kind {
        // a page would go to the sign-in form; a program must hear that its token is the matter
        FaultKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        FaultKind::Invalid => StatusCode::BAD_REQUEST,
        kind => crate::answer::status(kind),
    };
    let mut response = (status, Json(body)).into_response();
    if fault.kind == FaultKind::Unauthenticated {
        let word = if fault.code == "AuthenticationFailed" { "" } else { ", error=\"invalid_token\"" };
        let value = format!("Bearer authorization_uri=\"{}\"{word}", authorization_uri.unwrap_or_default());
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
    }
    if matches!(fault.kind, FaultKind::TooMany | FaultKind::Unavailable) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// What is said to whoever sends a token, or a secret, in the clear.
#[must_use]
pub fn not_encrypted() -> Fault {
    Fault::new(
        FaultKind::Invalid,
        "HttpsRequired",
        "Programs are served over HTTPS only, because a token in the clear belongs to whoever reads it. Use the address that the portal shows under Access; `annex serve --listen-tls` says where that is.",
    )
}
