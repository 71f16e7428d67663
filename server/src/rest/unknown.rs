//! What no route is for, and the headers of every answer.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use domain::fault::{Fault, FaultKind};

use super::{caller::Caller, error::RestError};
use crate::http::observe::RequestId;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-ms-correlation-request-id");

/// No such type of resource, in the words that ARM has for it.
pub(super) async fn unknown(caller: Caller, request: Request) -> RestError {
    let parts: Vec<&str> = request.uri().path().split('/').filter(|part| !part.is_empty()).collect();
    let at = parts.iter().rposition(|part| *part == "providers");
    let provider = at.and_then(|at| Some((*parts.get(at + 1)?, parts.get(at + 2..)?)));
    let fault = match provider {
        Some((namespace, rest)) if !rest.is_empty() => {
            let kind: Vec<&str> = rest.iter().step_by(2).copied().collect();
            Fault::new(
                FaultKind::NotFound,
                "InvalidResourceType",
                format!(
                    "The resource type '{}' could not be found in the namespace '{namespace}' for api version '{}'. /openapi.json lists what there is.",
                    kind.join("/"),
                    caller.api_version
                ),
            )
        }
        _ => Fault::new(
            FaultKind::NotFound,
            "ResourceNotFound",
            "There is nothing at this address. /openapi.json lists what there is.",
        ),
    };
    fault.into()
}

/// The request's number, under the names that ARM's clients look for.
pub(super) async fn name_the_request(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.0.to_string());
    let mut response = next.run(request).await;
    if let Some(id) = id.and_then(|id| HeaderValue::from_str(&id).ok()) {
        response.headers_mut().insert(REQUEST_ID, id.clone());
        response.headers_mut().insert(CORRELATION_ID, id);
    }
    response
}
