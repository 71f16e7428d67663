//! The portal server: transports around `control`.
//!
//! ```text
//!  listen ──► http (what every request goes through) ──┬─► web            browsers
//!                                                      ├─► login          programs that want a token
//!                                                      ├─► rest           programs that have one
//!                                                      └─► agent_gateway  machines
//!  cli ── reads flags, environment, file; opens store and control; starts lab and listeners; drains
//!  lab ── runs lab machines: implements control's Compute
//! ```
//! Transports translate and never decide: rules are in `domain`, use cases in `control`, SQL in `store`. `web`, `login`
//! and `agent_gateway` do not know each other. [`authorization`] lists who may ask what; what it does not list is refused.
#![recursion_limit = "512"]

pub mod agent_gateway;
mod answer;
pub mod authorization;
pub mod cli;
pub mod config;
mod figures;
pub mod http;
pub mod lab;
pub mod listen;
pub mod login;
pub mod rest;
mod session;
pub mod state;
pub mod telemetry;
pub mod web;

use axum::{Router, middleware};
use tower::ServiceBuilder;
use tower_sessions::{
    Expiry, SessionManagerLayer,
    cookie::{SameSite, time::Duration},
};

use crate::{
    config::Config,
    http::{around, guard, rewrite},
    state::{AppState, Parts},
};

/// The whole portal as one service: what `annex serve` runs, and what tests call.
pub fn build(config: Config, parts: Parts) -> Router {
    let sessions = SessionManagerLayer::new(session::Sessions::new(&parts.store))
        .with_name(config.session_cookie())
        .with_secure(config.secure_cookies)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(Duration::try_from(config.session_idle).unwrap_or(Duration::minutes(30))));
    let (leptos, public_files) = (web::leptos_options(&config.site), web::public_files(&config.site));
    let stylesheet = web::stylesheet(&config.site);
    let state = AppState::new(config, parts, leptos, public_files, stylesheet);
    let guard = middleware::from_fn_with_state(state.clone(), guard::guard);
    let people = web::router(&state).layer(ServiceBuilder::new().layer(sessions).layer(guard.clone()));
    let programs = login::router().merge(rest::router()).merge(agent_gateway::router(&state)).layer(guard);
    let routes = people.merge(programs).layer(middleware::from_fn_with_state(state.clone(), around)).with_state(state);
    // a layer of the router would run after routing
    Router::new().fallback_service(ServiceBuilder::new().map_request(rewrite::rewrite).service(routes))
}
