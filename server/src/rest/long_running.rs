//! Accepted requests: what the first answer says, and where the client follows it (arm-api, section 3).
//!
//! ```text
//!  PUT ──► 201 | 200  thing, Azure-AsyncOperation ─────────────► GET operation … Succeeded ─► GET thing
//!  POST, DELETE ─► 202  Azure-AsyncOperation, Location ────────► GET operation … Succeeded ─► GET Location: 200 | 204
//! ```

use axum::{
    Json,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{ids::OperationId, name::Location};
use serde::Serialize;

use super::caller::Caller;

const ASYNC_OPERATION: HeaderName = HeaderName::from_static("azure-asyncoperation");
const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("x-ms-retry-after-ms");
/// Clients that know it ask this often; others every second.
const POLL_MS: HeaderValue = HeaderValue::from_static("200");
const POLL_S: HeaderValue = HeaderValue::from_static("1");

/// The answer to a PUT or PATCH: the thing as it is now, and what to follow.
pub(super) fn accepted(
    caller: &Caller,
    (made, location): (bool, &Location),
    operation: OperationId,
    body: impl Serialize,
) -> Response {
    let status = if made { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = (status, Json(body)).into_response();
    follow(response.headers_mut(), caller, location.as_str(), operation, false);
    response
}

/// The answer to a POST or DELETE: only what to follow.
pub(super) fn begun(caller: &Caller, location: &str, operation: OperationId) -> Response {
    let mut response = StatusCode::ACCEPTED.into_response();
    follow(response.headers_mut(), caller, location, operation, true);
    response
}

/// Asks the client to come again soon.
pub(super) fn come_again(headers: &mut HeaderMap) {
    headers.insert(header::RETRY_AFTER, POLL_S);
    headers.insert(RETRY_AFTER_MS, POLL_MS);
}

/// The address of an operation.
pub(super) fn address(caller: &Caller, location: &str, operation: OperationId, monitor: bool) -> String {
    let Caller { base, subscription, api_version, .. } = caller;
    let monitor = if monitor { "monitor=true&" } else { "" };
    format!(
        "{base}/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/operations/{operation}?{monitor}api-version={api_version}"
    )
}

fn follow(headers: &mut HeaderMap, caller: &Caller, location: &str, operation: OperationId, with_location: bool) {
    let mut put = |name: HeaderName, monitor: bool| {
        // an address is made of checked parts only
        if let Ok(value) = HeaderValue::from_str(&address(caller, location, operation, monitor)) {
            headers.insert(name, value);
        }
    };
    put(ASYNC_OPERATION, false);
    if with_location {
        put(header::LOCATION, true);
    }
    come_again(headers);
}
