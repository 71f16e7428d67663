//! The one place where a fault becomes an answer of the ARM API (arm-api, sections 2 and 7).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::fault::{Fault, FaultKind};
use serde::Serialize;
use utoipa::ToSchema;

/// A fault on its way out; with a status of its own where its kind does not say enough.
#[derive(Debug)]
pub struct RestError {
    fault: Fault,
    status: Option<StatusCode>,
}

/// `{"error": {…}}`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CloudError)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong, for programs and for people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(no_recursion)]
pub struct ErrorDetail {
    /// A stable word.
    pub code: String,
    /// What happened, and what to do.
    pub message: String,
    /// The property or parameter that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Single findings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<ErrorDetail>,
}

impl RestError {
    /// A fault under a status that its kind does not give.
    pub(crate) fn with_status(fault: Fault, status: StatusCode) -> Self {
        Self { fault, status: Some(status) }
    }
}

impl From<Fault> for RestError {
    fn from(fault: Fault) -> Self {
        Self { fault, status: None }
    }
}

impl From<control::Error> for RestError {
    fn from(error: control::Error) -> Self {
        error.into_fault().into()
    }
}

impl From<Fault> for ErrorDetail {
    fn from(fault: Fault) -> Self {
        let Fault { code, message, target, details, .. } = fault;
        Self { code, message, target, details: details.into_iter().map(Self::from).collect() }
    }
}

impl IntoResponse for RestError {
    fn into_response(self) -> Response {
        let status = self.status.unwrap_or_else(|| match self.fault.kind {
            // pages answer 422; ARM knows 400 alone
            FaultKind::Invalid => StatusCode::BAD_REQUEST,
            kind => crate::answer::status(kind),
        });
        let kind = self.fault.kind;
        let mut response = (status, Json(ErrorBody { error: self.fault.into() })).into_response();
        if matches!(kind, FaultKind::TooMany | FaultKind::Unavailable) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}
