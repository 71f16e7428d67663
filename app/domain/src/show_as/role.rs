//! Roles that are given and taken away: the only deeds that are not done to a machine.

use serde_json::{Value, json};

use super::{
    ApiPlace, Dialect, MachinePlace, NO_TEMPLATE, Shown,
    bicep::string as bicep_string,
    request::machine_path,
    shell::{in_double, quoted, word},
    sign_in::token_lines,
    terraform,
};
use crate::{access::PrincipalKind, actor::Role};

/// The `api-version` of role assignments.
const ROLES_VERSION: &str = "2022-04-01";

/// Where a role holds, by names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RolePlace {
    /// Everywhere.
    Subscription,
    /// A resource group.
    Group(String),
    /// A machine.
    Machine(MachinePlace),
}

/// A role to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleToGive {
    /// Object id of whoever gets it.
    pub principal: String,
    /// What that is.
    pub kind: PrincipalKind,
    /// What may be done.
    pub role: Role,
    /// Where.
    pub place: RolePlace,
}

/// A role assignment to be taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleToTake {
    /// Its id.
    pub id: String,
    /// Where it holds.
    pub place: RolePlace,
}

impl RolePlace {
    fn path(&self, api: &ApiPlace) -> String {
        let subscription = format!("/subscriptions/{}", api.subscription_id);
        match self {
            Self::Subscription => subscription,
            Self::Group(group) => format!("{subscription}/resourceGroups/{group}"),
            Self::Machine(MachinePlace { group, name }) => machine_path(api, group, name),
        }
    }

    fn assignments(&self, api: &ApiPlace) -> String {
        format!("{}/providers/Microsoft.Authorization/roleAssignments", self.path(api))
    }
}

impl RoleToGive {
    /// Members of the resource. `definition`: how the language writes the id of the role's definition.
    fn properties(&self, definition: Value) -> Value {
        json!({
            "roleDefinitionId": definition,
            "principalId": self.principal,
            "principalType": self.kind.arm_word(),
        })
    }

    fn definition(&self, api: &ApiPlace) -> String {
        let (subscription, id) = (&api.subscription_id, self.role.definition_id());
        format!("/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{id}")
    }
}

/// How a role is given.
pub(super) fn give(dialect: Dialect, api: &ApiPlace, role: &RoleToGive) -> Shown {
    Shown::Text(match dialect {
        Dialect::Az => [
            "az role assignment create".to_owned(),
            format!("--assignee-object-id {}", word(&role.principal)),
            format!("--assignee-principal-type {}", role.kind.arm_word()),
            format!("--role {}", word(role.role.label())),
            format!("--scope {}", word(&role.place.path(api))),
        ]
        .join(" \\\n  "),
        Dialect::Rest => {
            let body = resource_body(role, api);
            let new_id = "$(cat /proc/sys/kernel/random/uuid)";
            let sent = format!(" \\\n  -H 'Content-Type: application/json' \\\n  -d {}", quoted(&format!("{body:#}")));
            request(api, "PUT", &format!("{}/{new_id}", in_double(&role.place.assignments(api))), &sent)
        }
        Dialect::Arm => format!("{:#}", template(role)),
        Dialect::Bicep => bicep(role),
        Dialect::Terraform => terraform::role(api, &role.place.path(api), ROLES_VERSION, &resource_body(role, api)),
    })
}

/// How a role is taken away.
pub(super) fn take(dialect: Dialect, api: &ApiPlace, role: &RoleToTake) -> Shown {
    let path = format!("{}/{}", role.place.assignments(api), role.id);
    match dialect {
        Dialect::Az => Shown::Text(format!("az role assignment delete \\\n  --ids {}", word(&path))),
        Dialect::Rest => Shown::Text(request(api, "DELETE", &in_double(&path), "")),
        Dialect::Terraform => Shown::Text(terraform::role_away(api, &path, ROLES_VERSION)),
        Dialect::Arm | Dialect::Bicep => Shown::No(NO_TEMPLATE),
    }
}

fn resource_body(role: &RoleToGive, api: &ApiPlace) -> Value {
    json!({ "properties": role.properties(role.definition(api).into()) })
}

fn request(api: &ApiPlace, method: &str, path: &str, sent: &str) -> String {
    format!(
        "{}\n\ncurl -sS --fail-with-body --cacert annex-ca.pem -X {method} \\\n  \"{}{path}?api-version={ROLES_VERSION}\" \\\n  -H \"Authorization: Bearer $TOKEN\"{sent}",
        token_lines(api),
        in_double(&api.url),
    )
}

fn template(role: &RoleToGive) -> Value {
    let (id, role_id) = (&role.principal, role.role.definition_id());
    let (schema, home) = match role.place {
        RolePlace::Subscription => ("2018-05-01/subscriptionDeploymentTemplate", "subscription()"),
        _ => ("2019-04-01/deploymentTemplate", "resourceGroup()"),
    };
    let definition = format!("[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{role_id}')]");
    let mut resource = json!({
        "type": "Microsoft.Authorization/roleAssignments",
        "apiVersion": ROLES_VERSION,
        "name": format!("[guid({home}.id, '{id}', '{role_id}')]"),
    });
    if let RolePlace::Machine(machine) = &role.place {
        resource["scope"] = Value::from(format!("Microsoft.Compute/virtualMachines/{}", machine.name));
    }
    resource["properties"] = role.properties(definition.into());
    json!({
        "$schema": format!("https://schema.management.azure.com/schemas/{schema}.json#"),
        "contentVersion": "1.0.0.0",
        "resources": [resource],
    })
}

fn bicep(role: &RoleToGive) -> String {
    let (id, role_id, kind) = (&role.principal, role.role.definition_id(), role.kind.arm_word());
    let (before, home, scope) = match &role.place {
        RolePlace::Subscription => ("targetScope = 'subscription'\n\n".to_owned(), "subscription()", ""),
        RolePlace::Group(_) => (String::new(), "resourceGroup()", ""),
        RolePlace::Machine(machine) => (
            format!(
                "resource vm 'Microsoft.Compute/virtualMachines@{}' existing = {{\n  name: {}\n}}\n\n",
                super::API_VERSION,
                bicep_string(&machine.name)
            ),
            "vm",
            "  scope: vm\n",
        ),
    };
    format!(
        "{before}resource role 'Microsoft.Authorization/roleAssignments@{ROLES_VERSION}' = {{\n  name: guid({home}.id, '{id}', '{role_id}')\n{scope}  properties: {{\n    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{role_id}')\n    principalId: '{id}'\n    principalType: '{kind}'\n  }}\n}}"
    )
}
