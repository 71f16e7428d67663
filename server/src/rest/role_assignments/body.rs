//! Role definitions and role assignments as ARM describes them.

use domain::{
    access::RoleAssignment,
    actor::{Permission, Role},
    fault::Fault,
    scope::Scope,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    rest::{caller::Caller, error::RestError, id},
    state::AppState,
};

/// A role.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RoleDefinition)]
pub(in crate::rest) struct DefinitionBody {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    properties: DefinitionProperties,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RoleDefinitionProperties)]
struct DefinitionProperties {
    role_name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    description: &'static str,
    assignable_scopes: Vec<&'static str>,
    permissions: Vec<Permissions>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RolePermissions)]
struct Permissions {
    actions: Vec<&'static str>,
    not_actions: Vec<&'static str>,
    data_actions: Vec<&'static str>,
    not_data_actions: Vec<&'static str>,
}

/// All roles.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RoleDefinitionListResult)]
pub(in crate::rest) struct DefinitionList {
    pub(super) value: Vec<DefinitionBody>,
}

/// A role that somebody has at a scope.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RoleAssignment)]
pub(in crate::rest) struct AssignmentBody {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    properties: AssignmentProperties,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RoleAssignmentProperties)]
struct AssignmentProperties {
    role_definition_id: String,
    principal_id: String,
    principal_type: &'static str,
    scope: String,
    created_on: String,
    updated_on: String,
    created_by: String,
}

/// Role assignments.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RoleAssignmentListResult)]
pub(in crate::rest) struct AssignmentList {
    pub(super) value: Vec<AssignmentBody>,
}

/// What a PUT says of a role assignment.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = RoleAssignmentCreate)]
pub(in crate::rest) struct AssignmentSent {
    properties: Option<SentProperties>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RoleAssignmentCreateProperties)]
struct SentProperties {
    /// The id of a role definition; only its last part counts.
    role_definition_id: Option<String>,
    /// Object id of an account, a service principal or a machine.
    principal_id: Option<String>,
}

impl AssignmentSent {
    /// The role, and the text of the principal's id. Error: `InvalidParameter`.
    pub(super) fn read(self) -> Result<(Role, String), Fault> {
        let sent = self.properties.unwrap_or_default();
        let definition = sent.role_definition_id.unwrap_or_default();
        let guid = definition.rsplit('/').next().and_then(|text| text.parse().ok());
        let role = guid.and_then(Role::by_definition_id).ok_or_else(|| {
            let known: Vec<String> =
                Role::ALL.iter().map(|role| format!("{} ({})", role.label(), role.definition_id())).collect();
            let message = format!("There is no such role definition. There is: {}.", known.join(", "));
            Fault {
                code: "RoleDefinitionDoesNotExist".into(),
                ..Fault::invalid("properties.roleDefinitionId", message)
            }
        })?;
        Ok((role, sent.principal_id.unwrap_or_default()))
    }
}

/// The id of a role: the same text at every scope, because clients compare it as text.
fn definition_id(subscription: &str, role: Role) -> String {
    format!(
        "{}/providers/Microsoft.Authorization/roleDefinitions/{}",
        id::subscription(subscription),
        role.definition_id()
    )
}

/// A role.
pub(super) fn definition(caller: &Caller, role: Role) -> DefinitionBody {
    let actions = role.permissions().iter().flat_map(|permission| actions(*permission)).copied();
    DefinitionBody {
        id: definition_id(&caller.subscription, role),
        name: role.definition_id().to_string(),
        kind: "Microsoft.Authorization/roleDefinitions",
        properties: DefinitionProperties {
            role_name: role.label(),
            kind: "BuiltInRole",
            description: role.meaning(),
            assignable_scopes: vec!["/"],
            permissions: vec![Permissions {
                actions: actions.collect(),
                not_actions: Vec::new(),
                data_actions: Vec::new(),
                not_data_actions: Vec::new(),
            }],
        },
    }
}

/// ARM's words for a permission.
const fn actions(permission: Permission) -> &'static [&'static str] {
    match permission {
        Permission::Read => &["*/read"],
        Permission::ChangeExtensions => &[
            "Microsoft.Compute/virtualMachines/extensions/*",
            "Microsoft.Compute/virtualMachines/runCommands/*",
            "Microsoft.Compute/virtualMachines/runCommand/action",
        ],
        Permission::ChangeMachines => &[
            "Microsoft.Compute/virtualMachines/start/action",
            "Microsoft.Compute/virtualMachines/restart/action",
            "Microsoft.Compute/virtualMachines/powerOff/action",
            "Microsoft.Compute/virtualMachines/deallocate/action",
            "Microsoft.Compute/virtualMachines/redeploy/action",
            "Microsoft.Compute/virtualMachines/reapply/action",
        ],
        Permission::ManageMachines => {
            &["Microsoft.Compute/virtualMachines/write", "Microsoft.Compute/virtualMachines/delete"]
        }
        Permission::ManageGroups => {
            &["Microsoft.Resources/resourceGroups/write", "Microsoft.Resources/resourceGroups/delete"]
        }
        Permission::ManageAccounts => &["Microsoft.Authorization/*"],
        Permission::PublishPackages | Permission::AcceptRisk => &["*"],
    }
}

/// A role assignment, with the scope's address.
pub(super) async fn assignment(
    state: &AppState,
    caller: &Caller,
    given: &RoleAssignment,
) -> Result<AssignmentBody, RestError> {
    let scope = match &given.scope {
        Scope::Subscription => id::subscription(&caller.subscription),
        Scope::ResourceGroup(group) => id::group(&caller.subscription, group.as_str()),
        Scope::Vm(vm) => id::vm(&caller.subscription, &state.control().machine_of(*vm).await?),
    };
    Ok(AssignmentBody {
        id: format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{}", given.id),
        name: given.id.to_string(),
        kind: "Microsoft.Authorization/roleAssignments",
        properties: AssignmentProperties {
            role_definition_id: definition_id(&caller.subscription, given.role),
            principal_id: given.principal.to_string(),
            principal_type: given.kind.arm_word(),
            scope,
            created_on: given.created_at.rfc3339(),
            updated_on: given.created_at.rfc3339(),
            created_by: given.created_by.clone(),
        },
    })
}
