//! Lists that the clients ask for and that hold nothing here: Annex has no network resources, no sizes, no list of tag names.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::{
    caller::Caller,
    error::ErrorBody,
    params::{ApiVersion, At, GroupPath, InLocation, InSubscription},
};

/// A list of nothing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EmptyList)]
pub(in crate::rest) struct Nothing {
    #[schema(value_type = Vec<Object>, max_items = 0)]
    value: [(); 0],
}

const NOTHING: Json<Nothing> = Json(Nothing { value: [] });

/// Lists network interfaces: Annex has none
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Network/networkInterfaces",
    tag = "Network",
    operation_id = "NetworkInterfaces_ListAll",
    params(InSubscription, ApiVersion),
    responses(
        (status = OK, description = "Nothing", body = Nothing),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn network_interfaces(_: Caller) -> Json<Nothing> {
    NOTHING
}

/// Lists network interfaces of a group: Annex has none
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network/networkInterfaces",
    tag = "Network",
    operation_id = "NetworkInterfaces_List",
    params(GroupPath, ApiVersion),
    responses(
        (status = OK, description = "Nothing", body = Nothing),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn network_interfaces_of_group(_: Caller, _: At<GroupPath>) -> Json<Nothing> {
    NOTHING
}

/// Lists public addresses: Annex has none
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Network/publicIPAddresses",
    tag = "Network",
    operation_id = "PublicIPAddresses_ListAll",
    params(InSubscription, ApiVersion),
    responses(
        (status = OK, description = "Nothing", body = Nothing),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn public_addresses(_: Caller) -> Json<Nothing> {
    NOTHING
}

/// Lists public addresses of a group: Annex has none
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network/publicIPAddresses",
    tag = "Network",
    operation_id = "PublicIPAddresses_List",
    params(GroupPath, ApiVersion),
    responses(
        (status = OK, description = "Nothing", body = Nothing),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn public_addresses_of_group(_: Caller, _: At<GroupPath>) -> Json<Nothing> {
    NOTHING
}

/// Lists predefined tag names: there are none
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/tagNames",
    tag = "Subscription",
    operation_id = "Tags_List",
    params(InSubscription, ApiVersion),
    responses(
        (status = OK, description = "Nothing", body = Nothing),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn tag_names(_: Caller) -> Json<Nothing> {
    NOTHING
}

/// Lists sizes of machines: they are as large as they are
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/vmSizes",
    tag = "Virtual machines",
    operation_id = "VirtualMachineSizes_List",
    params(InLocation, ApiVersion),
    responses(
        (status = OK, description = "Nothing", body = Nothing),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn vm_sizes(_: Caller, _: At<InLocation>) -> Json<Nothing> {
    NOTHING
}
