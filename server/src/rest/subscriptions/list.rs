//! `GET /subscriptions`: the one that there is, or none for a program without any role, which is how clients tell it so.

use axum::Json;
use domain::actor::Permission;

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
        (status = OK, description = "The subscription; nothing for a program without a role", body = SubscriptionList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn list(caller: Caller) -> Json<SubscriptionList> {
    let sees_it = caller.actor.require_somewhere(Permission::Read).is_ok();
    Json(SubscriptionList { value: sees_it.then(|| Subscription::of(&caller)).into_iter().collect() })
}
