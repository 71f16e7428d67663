//! Counters of this process, in Prometheus' form (`GET /metrics`).

use std::{sync::atomic::AtomicI64, time::Duration};

use axum::http::{Method, StatusCode};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answer {
    method: String,
    route: String,
    status: u32,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
}

/// Upper ends of the classes of answering times, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 60.0];

/// Counters of this process. Labels are route templates, so their number is bounded.
#[derive(Clone, Debug)]
pub struct Figures {
    answers: Family<Answer, Counter>,
    seconds: Family<Route, Histogram>,
    streams: Gauge<i64, AtomicI64>,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            answers: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            streams: Gauge::default(),
        }
    }
}

impl Figures {
    /// Counts an answer.
    pub fn answered(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let answer = Answer { method: method.to_string(), route: route.to_owned(), status: u32::from(status.as_u16()) };
        self.answers.get_or_create(&answer).inc();
        self.seconds.get_or_create(&Route { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    /// Counts an open event stream for as long as the guard lives.
    #[must_use]
    pub fn stream_opened(&self) -> StreamGuard {
        self.streams.inc();
        StreamGuard(self.streams.clone())
    }

    /// Adds the counters to a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("annex_http_answers", "Answers by method, route and status", self.answers.clone());
        registry.register("annex_http_seconds", "Time to answer by route", self.seconds.clone());
        registry.register("annex_live_streams", "Open event streams", self.streams.clone());
    }
}

/// See [`Figures::stream_opened`].
#[derive(Debug)]
pub struct StreamGuard(Gauge<i64, AtomicI64>);

impl Drop for StreamGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}
