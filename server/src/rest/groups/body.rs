//! A resource group as ARM describes it (arm-api, section 4.6).

use std::collections::BTreeMap;

use domain::resource_group::ResourceGroup;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rest::{caller::Caller, id};

/// A resource group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResourceGroup)]
pub(in crate::rest) struct GroupBody {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    location: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    properties: GroupProperties,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ResourceGroupProperties)]
struct GroupProperties {
    provisioning_state: &'static str,
}

/// All resource groups.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResourceGroupListResult)]
pub(in crate::rest) struct GroupList {
    pub(super) value: Vec<GroupBody>,
}

/// What is said of a resource group.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = ResourceGroupUpdate, example = json!({"location": "annex", "tags": {"team": "shop"}}))]
pub(in crate::rest) struct GroupSent {
    /// A label; needed when the group is made.
    pub(super) location: Option<String>,
    pub(super) tags: Option<BTreeMap<String, String>>,
}

impl GroupBody {
    pub(super) fn of(caller: &Caller, group: ResourceGroup) -> Self {
        Self {
            id: id::group(&caller.subscription, group.name.as_str()),
            name: group.name.to_string(),
            kind: "Microsoft.Resources/resourceGroups",
            location: group.location.to_string(),
            tags: group.tags,
            properties: GroupProperties { provisioning_state: "Succeeded" },
        }
    }
}
