//! `GET …/locations`: there is one, and it means nothing.

use axum::Json;
use domain::name::Location;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::{
    caller::Caller,
    error::ErrorBody,
    id,
    params::{ApiVersion, InSubscription},
};

/// A location.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Location)]
struct LocationBody {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    display_name: &'static str,
    regional_display_name: &'static str,
    metadata: LocationMetadata,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LocationMetadata {
    region_type: &'static str,
    region_category: &'static str,
}

/// All locations.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LocationListResult)]
pub(in crate::rest) struct LocationList {
    value: Vec<LocationBody>,
}

/// Lists the location
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/locations",
    tag = "Subscription",
    operation_id = "Subscriptions_ListLocations",
    params(InSubscription, ApiVersion),
    responses(
        (status = OK, description = "The location", body = LocationList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn locations(caller: Caller) -> Json<LocationList> {
    let location = Location::usual();
    let body = LocationBody {
        id: format!("{}/locations/{location}", id::subscription(&caller.subscription)),
        name: location.to_string(),
        kind: "Region",
        display_name: "Annex",
        regional_display_name: "Annex",
        metadata: LocationMetadata { region_type: "Physical", region_category: "Recommended" },
    };
    Json(LocationList { value: vec![body] })
}
