//! `GET …/providers[/{namespace}]`, `POST …/register`: what this API has, all of it registered.

use axum::Json;
use domain::fault::{Fault, FaultKind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::{
    caller::Caller,
    error::{ErrorBody, RestError},
    id,
    params::{ApiVersion, At, InSubscription},
};

/// Namespaces with their resource types.
const PROVIDERS: [(&str, &[&str]); 4] = [
    (
        "Microsoft.Compute",
        &[
            "virtualMachines",
            "virtualMachines/extensions",
            "virtualMachines/runCommands",
            "locations/publishers",
            "locations/operations",
            "locations/runCommands",
            "locations/vmSizes",
        ],
    ),
    ("Microsoft.Resources", &["subscriptions", "resourceGroups", "resources", "tenants"]),
    ("Microsoft.Authorization", &["roleAssignments", "roleDefinitions"]),
    ("Microsoft.Network", &["networkInterfaces", "publicIPAddresses"]),
];
/// Any date is taken; these are the ones that today's clients send.
const VERSIONS: [&str; 4] = ["2026-04-01", "2024-11-01", "2022-12-01", "2022-04-01"];

/// A resource provider.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::rest) struct Provider {
    id: String,
    namespace: &'static str,
    registration_state: &'static str,
    resource_types: Vec<ResourceType>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ResourceType {
    resource_type: &'static str,
    locations: Vec<&'static str>,
    #[schema(value_type = Vec<String>)]
    api_versions: [&'static str; 4],
}

/// All resource providers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderListResult)]
pub(in crate::rest) struct ProviderList {
    value: Vec<Provider>,
}

/// A namespace.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(in crate::rest) struct ProviderPath {
    /// The subscription's id.
    #[expect(dead_code, reason = "`Caller` checks it")]
    subscription_id: String,
    /// For example Microsoft.Compute.
    resource_provider_namespace: String,
}

fn provider(caller: &Caller, &(namespace, types): &(&'static str, &'static [&'static str])) -> Provider {
    let one =
        |name: &&'static str| ResourceType { resource_type: name, locations: vec!["annex"], api_versions: VERSIONS };
    Provider {
        id: format!("{}/providers/{namespace}", id::subscription(&caller.subscription)),
        namespace,
        registration_state: "Registered",
        resource_types: types.iter().map(one).collect(),
    }
}

fn find(caller: &Caller, namespace: &str) -> Result<Provider, Fault> {
    let found = PROVIDERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(namespace));
    let message = || {
        format!(
            "The resource namespace '{namespace}' is invalid. This portal has Microsoft.Compute, Microsoft.Resources, Microsoft.Authorization and Microsoft.Network."
        )
    };
    found
        .map(|it| provider(caller, it))
        .ok_or_else(|| Fault::new(FaultKind::NotFound, "InvalidResourceNamespace", message()))
}

/// Lists the resource providers
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers",
    tag = "Subscription",
    operation_id = "Providers_List",
    params(InSubscription, ApiVersion),
    responses(
        (status = OK, description = "The resource providers", body = ProviderList),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn list(caller: Caller) -> Json<ProviderList> {
    Json(ProviderList { value: PROVIDERS.iter().map(|it| provider(&caller, it)).collect() })
}

/// Shows a resource provider
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/{resourceProviderNamespace}",
    tag = "Subscription",
    operation_id = "Providers_Get",
    params(ProviderPath, ApiVersion),
    responses(
        (status = OK, description = "The resource provider", body = Provider),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn get(caller: Caller, At(at): At<ProviderPath>) -> Result<Json<Provider>, RestError> {
    Ok(Json(find(&caller, &at.resource_provider_namespace)?))
}

/// Answers that a resource provider is registered
#[utoipa::path(
    post,
    path = "/subscriptions/{subscriptionId}/providers/{resourceProviderNamespace}/register",
    tag = "Subscription",
    operation_id = "Providers_Register",
    params(ProviderPath, ApiVersion),
    responses(
        (status = OK, description = "It is registered, as all of them always are", body = Provider),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn register(caller: Caller, At(at): At<ProviderPath>) -> Result<Json<Provider>, RestError> {
    Ok(Json(find(&caller, &at.resource_provider_namespace)?))
}
