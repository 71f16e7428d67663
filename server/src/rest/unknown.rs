//! What no route is for, and the headers of every answer.

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::fault::{Fault, FaultKind};

use super::{caller::Caller, error::RestError};
use crate::{http::observe::RequestId, state::AppState};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-ms-correlation-request-id");

/// The answer to a program that asks for what no route is for; called by the guard, for a path is nobody's there.
pub async fn unknown(state: &AppState, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let id = parts.extensions.get::<RequestId>().copied();
    let mut response = match Caller::from_request_parts(&mut parts, state).await {
        Ok(caller) => no_such_type(&caller, parts.uri.path()).into_response(),
        Err(error) => error.into_response(),
    };
    name(&mut response, id);
    response
}

/// No such type of resource, in the words that ARM has for it.
fn no_such_type(caller: &Caller, path: &str) -> RestError {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
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
    let id = request.extensions().get::<RequestId>().copied();
    let mut response = next.run(request).await;
    name(&mut response, id);
    response
}

fn name(response: &mut Response, id: Option<RequestId>) {
    if let Some(id) = id.and_then(|id| HeaderValue::from_str(&id.0.to_string()).ok()) {
        response.headers_mut().insert(REQUEST_ID, id.clone());
        response.headers_mut().insert(CORRELATION_ID, id);
    }
}
