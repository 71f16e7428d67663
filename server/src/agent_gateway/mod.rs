//! What machines ask: the documents of the standard agent's wire protocol, and Annex's own additions.
//!
//! ```text
//!  machine                                        this module                                   control
//!    │ GET  /annex/agent/v1/enrol/{script}.sh, annex-agent-{arch} ► enrol_script, program: no credential needed
//!    │ POST /annex/agent/v1/enrol  token ──────────► enrol ───────────────────────────────────► machine, credential
//!    │ GET  /machine/?comp=goalstate ──────────────► goal_state: held while nothing changes ──► goal_state_wait
//!    │ GET  /machine/{vm}/extensions-config ───────► extensions_config: secrets enveloped ────► wanted (= picked up)
//!    │ GET  /metadata/identity/oauth2/token ───────► identity: a token that stands for the machine
//!    │ GET  /annex/packages/{handler}/… ───────────► manifest, package
//!    │ POST /annex/agent/v1/records ───────────────► records: steps and lines ────────────────► records_put
//!    └ PUT  /machine/{vm}/status ──────────────────► status ──────────────────────────────────► status_put
//! ```
//! waagent speaks to the relay on its machine, which answers what can be answered there (`agent::relay`) and asks here for
//! the rest, as a native agent does. A machine is known by its credential alone (the guard looks it up); addresses that name a machine must name that one.
//! Sizes are bounded before anything is parsed. What the agents retry and what they take as final is in [`error`].

mod address;
mod agent_log;
mod contact;
mod enrol;
mod enrol_script;
pub mod error;
mod extensions_config;
mod goal_state;
mod health;
mod hosting_environment;
mod identity;
mod instance;
mod machine_post;
mod manifest;
mod own;
mod package;
pub mod program;
mod records;
mod role_properties;
mod rotate;
mod shared_config;
mod status;
mod status_document;
mod telemetry;
mod versions;

use agent_protocol::{records::MAX_RECORDS_BYTES, status::MAX_STATUS_BYTES};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, get, post, put},
};
use domain::agent_history::LOG_LARGEST;

use crate::state::AppState;

pub use versions::answer_at_root;

/// Most bytes of a request that is no status document and no records.
const SMALL: usize = 128 * 1024;

/// All routes of this transport.
pub fn router(state: &AppState) -> Router<AppState> {
    let programs =
        program::ROUTES.iter().fold(Router::new(), |router, route| router.route(route, get(program::program)));
    Router::new()
        .route("/annex/agent/v1/records", bounded(post(records::records), MAX_RECORDS_BYTES))
        .route("/annex/agent/v1/certificate", bounded(post(rotate::certificate), SMALL))
        .route("/annex/packages/{handler}/manifest.xml", get(manifest::manifest))
        .route("/annex/packages/{handler}/{file}", get(package::package))
        .route("/machine/", get(goal_state::goal_state))
        .route("/machine", bounded(post(machine_post::machine_post), SMALL))
        .route("/HealthService", bounded(post(telemetry::observations), SMALL))
        .route("/machine/{vm}/hosting-environment", get(hosting_environment::hosting_environment))
        .route("/machine/{vm}/shared-config", get(shared_config::shared_config))
        .route("/machine/{vm}/extensions-config", get(extensions_config::extensions_config))
        .route("/metadata/instance", get(instance::instance))
        .route("/metadata/identity/oauth2/token", get(identity::token))
        .route("/machine/{vm}/status", bounded(put(status::status), MAX_STATUS_BYTES))
        .route("/hostgaplugin/vmAgentLog", bounded(put(agent_log::agent_log), LOG_LARGEST))
        .layer(middleware::from_fn_with_state(state.clone(), contact::hold))
        // a machine that enrols is not known yet
        .route("/annex/agent/v1/enrol", bounded(post(enrol::enrol), SMALL))
        .route("/annex/agent/v1/enrol/{script}", get(enrol_script::enrol_script))
        .merge(programs)
}

fn bounded(route: MethodRouter<AppState>, bytes: usize) -> MethodRouter<AppState> {
    route.layer(DefaultBodyLimit::max(bytes))
}
