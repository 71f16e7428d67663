//! `GET /machine/{vm}/shared-config`: fetched by agents and otherwise unused; without it a goal state fails.

use agent_protocol::SharedConfig;
use axum::{Extension, extract::Path, response::Response};
use control::AgentIdentity;

use super::{error::WireError, goal_state::xml, own};

/// The document.
pub(super) async fn shared_config(
    Extension(identity): Extension<AgentIdentity>,
    Path(vm): Path<String>,
) -> Result<Response, WireError> {
    own::check(&identity, &vm)?;
    Ok(xml(SharedConfig { deployment: "annex".to_owned() }.render()))
}
