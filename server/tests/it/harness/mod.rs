//! A portal for one test, and the people and machines around it.

mod browser;
mod events;
mod http;
mod package;
mod portal;
mod postgres;
mod program;

pub use browser::{Browser, encode};
pub use events::Events;
pub use http::{Answer, Http, Tls};
pub use package::Package;
pub use portal::{PASSWORD, Portal};
pub use postgres::Postgres;
pub use program::{Program, ended, operation_of, probe_form};

use std::{future::Future, time::Duration};

/// Waits until `check` gives something; fails after 20 s with `what`.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut check: impl FnMut() -> F) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = check().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "not within 20 s: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
