//! The ARM API: what `az`, the Azure SDKs and everything built on them ask (arm-api).
//!
//! ```text
//!  request ─► path (words in our case) ─► guard (table: token, permission somewhere) ─► Caller (version, subscription)
//!          ─► one file per action: parts, body ─► a use case of control ─► its answer in ARM's words
//! ```
//! Nothing is decided here. Every action is described where it is written (`utoipa::path`), and the router, the document at
//! `/openapi.json` and the page that reads it are made of those descriptions. What the table does not list is refused.

mod body;
mod caller;
mod conditions;
pub mod error;
mod extensions;
mod filter;
mod graph;
mod groups;
mod id;
mod images;
mod long_running;
mod openapi;
mod operations;
mod params;
pub mod path;
mod rendered;
mod role_assignments;
mod run_commands;
mod subscriptions;
mod unknown;
mod vms;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use control::Error;

pub use openapi::{document, routes};
pub use unknown::unknown;

pub use self::rendered::Rendered;
use crate::state::AppState;

/// All routes of this transport.
pub fn router() -> Router<AppState> {
    let (router, _) = openapi::described().split_for_parts();
    router
        .route("/openapi.json", get(openapi::serve))
        .route("/v1.0/directoryObjects/getByIds", post(graph::by_ids::by_ids))
        .route("/v1.0/servicePrincipals", get(graph::programs::programs))
        .route("/v1.0/users", get(graph::users::users))
        .layer(DefaultBodyLimit::max(body::LARGEST))
}

/// Carries something out whole, also when the client is gone in the middle of it.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(broken) => std::panic::resume_unwind(broken.into_panic()),
    }
}
