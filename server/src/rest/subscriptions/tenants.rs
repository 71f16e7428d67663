//! `GET /tenants`: the one that there is.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::{caller::Caller, error::ErrorBody, params::ApiVersion};

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    id: String,
    tenant_id: String,
    display_name: &'static str,
    tenant_category: &'static str,
}

/// All tenants.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct TenantList {
    value: Vec<Tenant>,
}

/// Lists the tenant
#[utoipa::path(
    get,
    path = "/tenants",
    tag = "Subscription",
    operation_id = "Tenants_List",
    params(ApiVersion),
    responses(
        (status = OK, description = "The tenant", body = TenantList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn tenants(caller: Caller) -> Json<TenantList> {
    let id = format!("/tenants/{}", caller.tenant);
    let tenant = Tenant { id, tenant_id: caller.tenant, display_name: "Annex", tenant_category: "Home" };
    Json(TenantList { value: vec![tenant] })
}
