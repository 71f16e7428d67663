//! `GET /ca.pem`: the private authority that programs must trust to reach the API. A certificate is no secret.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::state::AppState;

/// The certificate, or the reason why there is none to trust.
pub(super) async fn certificate(State(state): State<AppState>) -> Response {
    match state.control().api_authority() {
        Some(pem) => {
            let headers = [
                (header::CONTENT_TYPE, "application/x-pem-file"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"annex-ca.pem\""),
            ];
            (headers, pem.to_owned()).into_response()
        }
        None => {
            let text =
                "This portal has no authority of its own: its certificate, if it has one, comes from elsewhere.\n";
            (StatusCode::NOT_FOUND, text).into_response()
        }
    }
}
