//! What no route is for.

use axum::{
    extract::{FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use domain::fault::{Fault, FaultKind};

use super::{caller::Caller, error::RestError};
use crate::state::AppState;

/// The answer to a program that asks for what no route is for; called by the guard, for a path is nobody's there.
pub async fn unknown(state: &AppState, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    match Caller::from_request_parts(&mut parts, state).await {
        Ok(caller) => no_such_type(&caller, parts.uri.path()).into_response(),
        Err(error) => error.into_response(),
    }
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
