//! `GET /subscriptions`: the one that there is.

use axum::Json;

use super::{
    super::{caller::Caller, error::ErrorBody, params::ApiVersion},
    body::{Subscription, SubscriptionList},
};

/// Lists the subscription
#[utoipa::path(
    get,
    path = "/subscriptions",
    tag = "Subscription",
    operation_id = "Subscriptions_List",
    params(ApiVersion),
    responses(
        (status = OK, description = "The subscription", body = SubscriptionList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn list(caller: Caller) -> Json<SubscriptionList> {
    Json(SubscriptionList { value: vec![Subscription::of(&caller)] })
}
