//! `GET /metrics` in Prometheus' text form.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use prometheus_client::{encoding::text::encode, metrics::gauge::Gauge, registry::Registry};

use crate::state::AppState;

/// Counters of this process, and how many machines and operations there are.
pub(super) async fn metrics(State(state): State<AppState>) -> Response {
    let mut registry = Registry::default();
    state.figures().register(&mut registry);
    // figures of this process are told even while the database is away
    if let Ok(now) = state.control().metrics().await {
        for (name, help, value) in [
            ("annex_agents_connected", "Machines on the line with this process", now.agents_connected),
            ("annex_machines", "Machines there are", now.machines),
            ("annex_operations_open", "Open operations", now.operations_open),
            (
                "annex_operations_failed_day",
                "Operations of the last 24 hours with a failed machine",
                now.operations_failed,
            ),
        ] {
            let gauge = Gauge::<i64>::default();
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
            registry.register(name, help, gauge);
        }
    }
    let mut text = String::new();
    if encode(&mut text, &registry).is_err() {
        return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response()
}
