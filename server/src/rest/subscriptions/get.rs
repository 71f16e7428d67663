//! `GET /subscriptions/{id}`.

use axum::Json;

use super::{
    super::{
        caller::Caller,
        error::ErrorBody,
        params::{ApiVersion, InSubscription},
    },
    body::Subscription,
};

/// Shows the subscription
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}",
    tag = "Subscription",
    operation_id = "Subscriptions_Get",
    params(InSubscription, ApiVersion),
    responses(
        (status = OK, description = "The subscription", body = Subscription),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn get(caller: Caller) -> Json<Subscription> {
    Json(Subscription::of(&caller))
}
