//! One look at the application, always on the machine itself.

pub(crate) mod answer;
mod http;
mod tcp;

use std::time::{Duration, Instant};

use crate::machine::Observed;
use crate::settings::Target;

/// How long a probe may take.
pub const LIMIT: Duration = Duration::from_secs(30);

/// What one probe found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// How the application is.
    pub observed: Observed,
    /// What it told of itself besides, word for word.
    pub custom_metrics: Option<String>,
    /// What happened, for a person.
    pub detail: String,
    /// How long it took.
    pub took: Duration,
}

/// What a kind of probe found, before its time is known.
pub(crate) struct Finding {
    observed: Observed,
    custom_metrics: Option<String>,
    detail: String,
}

impl Finding {
    fn new(observed: Observed, detail: impl Into<String>) -> Self {
        Self { observed, custom_metrics: None, detail: detail.into() }
    }
}

/// Looks at a target again and again.
#[derive(Debug)]
pub struct Probe {
    target: Target,
    client: http::Client,
}

impl Probe {
    /// A probe of `target`.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self { target, client: http::Client::new() }
    }

    /// What is looked at, for a person.
    #[must_use]
    pub fn subject(&self) -> String {
        match &self.target {
            Target::Nothing => "nothing in particular".to_owned(),
            Target::Tcp(port) => format!("tcp port {port}"),
            Target::Http(address) => address.clone(),
        }
    }

    /// Looks once; returns within [`LIMIT`].
    #[must_use]
    pub fn look(&self) -> Reading {
        let started = Instant::now();
        let finding = match &self.target {
            Target::Nothing => Finding::new(Observed::Healthy, "no probe is configured"),
            Target::Tcp(port) => tcp::look(*port),
            Target::Http(address) => self.client.look(address),
        };
        let Finding { observed, custom_metrics, detail } = finding;
        Reading { observed, custom_metrics, detail, took: started.elapsed() }
    }
}
