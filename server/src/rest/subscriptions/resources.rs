//! `GET …/resources`: machines and their extensions in one list.

use axum::{Json, extract::State};
use control::run_commands::is_run_command;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::{
    caller::Caller,
    error::{ErrorBody, RestError},
    filter, id,
    params::{ApiVersion, Asked, InSubscription},
};
use crate::state::AppState;

/// What the list is narrowed to.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct Narrowed {
    /// `resourceGroup eq 'x'`, `resourceType eq 'A/B'`, `name eq 'x'`, `tagName eq 'a' and tagValue eq 'b'`.
    #[serde(rename = "$filter", default)]
    filter: Option<String>,
    /// `createdTime,changedTime,provisioningState`.
    #[serde(rename = "$expand", default)]
    expand: Option<String>,
}

/// A resource of any type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GenericResource)]
struct Resource {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    location: String,
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    tags: std::collections::BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provisioning_state: Option<&'static str>,
}

/// All resources that match.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResourceListResult)]
pub(in crate::rest) struct ResourceList {
    value: Vec<Resource>,
}

/// Lists machines and their extensions
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resources",
    tag = "Subscription",
    operation_id = "Resources_List",
    params(InSubscription, Narrowed, ApiVersion),
    responses(
        (status = OK, description = "What the caller may look at", body = ResourceList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn resources(
    State(state): State<AppState>,
    caller: Caller,
    Asked(narrowed): Asked<Narrowed>,
) -> Result<Json<ResourceList>, RestError> {
    let wanted = filter::read(narrowed.filter.as_deref())?;
    let expanded = |word: &str| {
        narrowed.expand.as_deref().unwrap_or_default().split(',').any(|w| w.trim().eq_ignore_ascii_case(word))
    };
    let mut value = Vec::new();
    let mut after = None;
    loop {
        let page = state.control().vms_from(&caller.actor, None, after).await?;
        for machine in page.machines.iter().filter(|m| wanted.matches("resourcegroup", m.vm.resource_group.as_str())) {
            let vm = &machine.vm;
            value.push(Resource {
                id: id::vm(&caller.subscription, vm),
                name: vm.name.to_string(),
                kind: "Microsoft.Compute/virtualMachines",
                location: vm.location.to_string(),
                tags: vm.tags.clone(),
                created_time: expanded("createdTime").then(|| vm.created_at.rfc3339()),
                changed_time: expanded("changedTime").then(|| vm.created_at.rfc3339()),
                provisioning_state: expanded("provisioningState").then_some("Succeeded"),
            });
            value.extend(machine.extensions.iter().map(|extension| {
                let (kind, id) = match is_run_command(extension) {
                    true => (
                        "Microsoft.Compute/virtualMachines/runCommands",
                        id::run_command(&caller.subscription, vm, extension),
                    ),
                    false => (
                        "Microsoft.Compute/virtualMachines/extensions",
                        id::extension(&caller.subscription, vm, extension),
                    ),
                };
                Resource {
                    id,
                    name: format!("{}/{}", vm.name, extension.name),
                    kind,
                    location: vm.location.to_string(),
                    tags: extension.options.tags.clone(),
                    created_time: expanded("createdTime").then(|| extension.created_at.rfc3339()),
                    changed_time: expanded("changedTime").then(|| extension.changed_at.rfc3339()),
                    provisioning_state: expanded("provisioningState").then(|| extension.provisioning_state.code()),
                }
            }));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    value.retain(|r| {
        wanted.matches("resourcetype", r.kind) && wanted.matches("name", &r.name) && wanted.has_tags(&r.tags)
    });
    Ok(Json(ResourceList { value }))
}
