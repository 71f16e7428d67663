//! The one subscription of a portal, its tenant, its places.

use serde::Serialize;
use utoipa::ToSchema;

use crate::rest::{caller::Caller, id};

/// A subscription: the whole portal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::rest) struct Subscription {
    id: String,
    subscription_id: String,
    tenant_id: String,
    display_name: &'static str,
    state: &'static str,
    subscription_policies: Policies,
    authorization_source: &'static str,
    #[schema(value_type = Vec<Object>)]
    managed_by_tenants: [(); 0],
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SubscriptionPolicies)]
struct Policies {
    location_placement_id: &'static str,
    quota_id: &'static str,
    spending_limit: &'static str,
}

impl Subscription {
    pub(super) fn of(caller: &Caller) -> Self {
        Self {
            id: id::subscription(&caller.subscription),
            subscription_id: caller.subscription.clone(),
            tenant_id: caller.tenant.clone(),
            display_name: "Annex",
            state: "Enabled",
            subscription_policies: Policies {
                location_placement_id: "Annex",
                quota_id: "Annex",
                spending_limit: "Off",
            },
            authorization_source: "RoleBased",
            managed_by_tenants: [],
        }
    }
}

/// A list with one page.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct SubscriptionList {
    pub(super) value: Vec<Subscription>,
}
