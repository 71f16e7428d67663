//! Telemetry and health probes of agents: read off the line and let go. Annex learns everything from status documents.

use axum::{body::Bytes, http::StatusCode};

/// `POST /machine?comp=telemetrydata`.
pub(super) fn events(body: &[u8]) -> StatusCode {
    tracing::trace!(bytes = body.len(), "telemetry");
    StatusCode::OK
}

/// `POST /HealthService`.
pub(super) async fn observations(body: Bytes) -> StatusCode {
    tracing::trace!(bytes = body.len(), "health probes");
    StatusCode::OK
}
