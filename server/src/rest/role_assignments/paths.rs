//! Scopes and assignments in addresses: the same at the subscription, a group and a machine.

use domain::{fault::Fault, ids::RoleAssignmentId, scope::Scope};
use serde::Deserialize;

use crate::{
    rest::{caller::Caller, error::RestError},
    state::AppState,
};

/// The parts of such an address; which there are decides the scope.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::rest) struct ScopePath {
    resource_group_name: Option<String>,
    vm_name: Option<String>,
    role_assignment_name: Option<String>,
}

impl ScopePath {
    /// The scope. Errors: `AuthorizationFailed`, `ResourceGroupNotFound`, `ResourceNotFound`.
    pub(super) async fn scope(&self, state: &AppState, caller: &Caller) -> Result<Scope, RestError> {
        let (group, vm) = (self.resource_group_name.as_deref(), self.vm_name.as_deref());
        Ok(state.control().scope_at(&caller.actor, group, vm).await?)
    }

    /// The assignment's id. Error: `InvalidRoleAssignmentId`.
    pub(super) fn id(&self) -> Result<RoleAssignmentId, Fault> {
        let name = self.role_assignment_name.as_deref().unwrap_or_default();
        name.parse().map_err(|_: Fault| {
            let message = "The name of a role assignment is a GUID. Make a new one for a new assignment.";
            Fault { code: "InvalidRoleAssignmentId".into(), ..Fault::invalid("roleAssignmentName", message) }
        })
    }
}
