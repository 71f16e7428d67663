//! `GET {scope}/providers/Microsoft.Authorization/roleAssignments`.

use axum::{Json, extract::State};
use domain::{access::RoleAssignment, fault::Fault, scope::Scope};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        filter,
        params::{ApiVersion, Asked, At, GroupPath, InSubscription, VmPath},
    },
    body::{AssignmentList, assignment},
    paths::ScopePath,
};
use domain::portal::AccessCalls;

use crate::state::AppState;

/// What the list is narrowed to.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct Narrowed {
    /// `atScope()`: at the scope and above; `principalId eq '…'` or `assignedTo('…')`: of somebody.
    #[serde(rename = "$filter", default)]
    filter: Option<String>,
}

/// What a filter asks for.
struct Wanted {
    at_scope: bool,
    principal: Option<String>,
}

fn read(filter: Option<&str>) -> Result<Wanted, Fault> {
    let mut wanted = Wanted { at_scope: false, principal: None };
    let text = filter.unwrap_or_default().trim();
    for part in text.split(" and ").map(str::trim).filter(|part| !part.is_empty()) {
        let lower = part.to_ascii_lowercase();
        if lower == "atscope()" {
            wanted.at_scope = true;
        } else if lower.starts_with("assignedto('") && lower.ends_with("')") {
            wanted.principal = Some(lower["assignedto('".len()..lower.len() - 2].to_owned());
        } else {
            let filter = filter::read(Some(part))?;
            let principal = filter.get("principalid").ok_or_else(|| {
                Fault::invalid("$filter", "Use atScope(), principalId eq '…' or assignedTo('…'), joined with and.")
            })?;
            wanted.principal = Some(principal.to_ascii_lowercase());
        }
    }
    Ok(wanted)
}

async fn list(
    state: &AppState,
    caller: &Caller,
    path: &ScopePath,
    narrowed: Narrowed,
) -> Result<Json<AssignmentList>, RestError> {
    let wanted = read(narrowed.filter.as_deref())?;
    let at = path.scope(state, caller).await?;
    let group = match &at {
        Scope::Vm(id) => Some(state.control().machine_of(*id).await?.resource_group),
        Scope::ResourceGroup(name) => Some(name.clone()),
        Scope::Subscription => None,
    };
    let mut value = Vec::new();
    for given in state.control().role_assignment_list(&caller.actor).await? {
        let holds = match (&at, &group) {
            (Scope::Vm(id), Some(group)) => given.scope.holds_vm(*id, group),
            (_, Some(group)) => given.scope.holds_group(group),
            (_, None) => matches!(given.scope, Scope::Subscription),
        };
        let counts = holds || (!wanted.at_scope && is_below(state, &given, &at).await?);
        if counts && wanted.principal.as_ref().is_none_or(|id| *id == given.principal.to_string()) {
            value.push(assignment(state, caller, &given).await?);
        }
    }
    Ok(Json(AssignmentList { value }))
}

async fn is_below(state: &AppState, given: &RoleAssignment, at: &Scope) -> Result<bool, RestError> {
    Ok(match (at, &given.scope) {
        (Scope::Subscription, _) => true,
        (Scope::ResourceGroup(group), Scope::Vm(id)) => state.control().machine_of(*id).await?.resource_group.is(group),
        _ => false,
    })
}

/// Lists role assignments at the subscription
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleAssignments",
    tag = "Access",
    operation_id = "RoleAssignments_List_ForSubscription",
    params(InSubscription, Narrowed, ApiVersion),
    responses(
        (status = OK, description = "Who has which role there", body = AssignmentList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn subscription(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
    Asked(narrowed): Asked<Narrowed>,
) -> Result<Json<AssignmentList>, RestError> {
    list(&state, &caller, &path, narrowed).await
}

/// Lists role assignments at a resource group
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Authorization/roleAssignments",
    tag = "Access",
    operation_id = "RoleAssignments_List_ForResourceGroup",
    params(GroupPath, Narrowed, ApiVersion),
    responses(
        (status = OK, description = "Who has which role there", body = AssignmentList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn group(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
    Asked(narrowed): Asked<Narrowed>,
) -> Result<Json<AssignmentList>, RestError> {
    list(&state, &caller, &path, narrowed).await
}

/// Lists role assignments at a machine
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Compute/virtualMachines/{vmName}/providers/Microsoft.Authorization/roleAssignments",
    tag = "Access",
    operation_id = "RoleAssignments_List_ForResource",
    params(VmPath, Narrowed, ApiVersion),
    responses(
        (status = OK, description = "Who has which role there", body = AssignmentList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn machine(
    State(state): State<AppState>,
    caller: Caller,
    At(path): At<ScopePath>,
    Asked(narrowed): Asked<Narrowed>,
) -> Result<Json<AssignmentList>, RestError> {
    list(&state, &caller, &path, narrowed).await
}
