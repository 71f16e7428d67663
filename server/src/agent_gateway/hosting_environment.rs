//! `GET /machine/{vm}/hosting-environment`: names that agents put into their telemetry.

use agent_protocol::HostingEnvironmentConfig;
use axum::{Extension, extract::Path, response::Response};
use control::AgentIdentity;

use super::{error::WireError, goal_state::xml, own};

/// The document.
pub(super) async fn hosting_environment(
    Extension(identity): Extension<AgentIdentity>,
    Path(vm): Path<String>,
) -> Result<Response, WireError> {
    own::check(&identity, &vm)?;
    let document = HostingEnvironmentConfig {
        deployment: "annex".to_owned(),
        role: format!("_{}", identity.vm_name),
        vm_name: identity.vm_name,
    };
    Ok(xml(document.render()))
}
