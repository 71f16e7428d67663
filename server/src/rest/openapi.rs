//! The description of the API, made of the descriptions of its actions.

use std::sync::LazyLock;

use axum::{Json, response::IntoResponse};
use utoipa::openapi::{
    InfoBuilder, OpenApi, OpenApiBuilder,
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{extensions, groups, images, operations, role_assignments, run_commands, subscriptions, vms};
use crate::state::AppState;

/// The router with the description of every action in it.
pub(super) fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(head())
        .routes(routes!(subscriptions::list::list))
        .routes(routes!(subscriptions::get::get))
        .routes(routes!(subscriptions::tenants::tenants))
        .routes(routes!(subscriptions::locations::locations))
        .routes(routes!(subscriptions::providers::list))
        .routes(routes!(subscriptions::providers::get))
        .routes(routes!(subscriptions::providers::register))
        .routes(routes!(subscriptions::resources::resources))
        .routes(routes!(subscriptions::empty::network_interfaces))
        .routes(routes!(subscriptions::empty::network_interfaces_of_group))
        .routes(routes!(subscriptions::empty::public_addresses))
        .routes(routes!(subscriptions::empty::public_addresses_of_group))
        .routes(routes!(subscriptions::empty::tag_names))
        .routes(routes!(subscriptions::empty::vm_sizes))
        .routes(routes!(groups::list::list))
        .routes(routes!(
            groups::get::get,
            groups::exists::exists,
            groups::put::put,
            groups::patch::patch,
            groups::delete::delete
        ))
        .routes(routes!(images::publishers::publishers))
        .routes(routes!(images::types::types))
        .routes(routes!(images::versions::versions))
        .routes(routes!(images::get::get))
        .routes(routes!(vms::list::list))
        .routes(routes!(vms::list_all::list_all))
        .routes(routes!(vms::get::get, vms::put::put, vms::patch::patch, vms::delete::delete))
        .routes(routes!(vms::instance_view::instance_view))
        .routes(routes!(vms::start::start))
        .routes(routes!(vms::restart::restart))
        .routes(routes!(vms::power_off::power_off))
        .routes(routes!(vms::deallocate::deallocate))
        .routes(routes!(vms::redeploy::redeploy))
        .routes(routes!(vms::reapply::reapply))
        .routes(routes!(extensions::list::list))
        .routes(routes!(
            extensions::get::get,
            extensions::put::put,
            extensions::patch::patch,
            extensions::delete::delete
        ))
        .routes(routes!(run_commands::invoke::invoke))
        .routes(routes!(run_commands::list::list))
        .routes(routes!(
            run_commands::get::get,
            run_commands::put::put,
            run_commands::patch::patch,
            run_commands::delete::delete
        ))
        .routes(routes!(run_commands::catalogue::catalogue))
        .routes(routes!(run_commands::catalogue::command))
        .routes(routes!(role_assignments::definitions::subscription))
        .routes(routes!(role_assignments::list::subscription))
        .routes(routes!(
            role_assignments::get::subscription,
            role_assignments::put::subscription,
            role_assignments::delete::subscription
        ))
        .routes(routes!(role_assignments::definitions::group))
        .routes(routes!(role_assignments::list::group))
        .routes(routes!(role_assignments::get::group, role_assignments::put::group, role_assignments::delete::group))
        .routes(routes!(role_assignments::definitions::machine))
        .routes(routes!(role_assignments::list::machine))
        .routes(routes!(
            role_assignments::get::machine,
            role_assignments::put::machine,
            role_assignments::delete::machine
        ))
        .routes(routes!(operations::get::get))
}

fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Annex: the ARM API")
        .version("2024-11-01")
        .description(Some(
            "Virtual machines, extensions and run commands, as Azure's clients ask for them. Every request carries api-version (any date) and a bearer token.",
        ));
    let mut document = OpenApiBuilder::new().info(info).build();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    document.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(bearer));
    document.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    document
}

/// The document.
#[must_use]
pub fn document() -> &'static OpenApi {
    static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(|| described().into_openapi());
    &DOCUMENT
}

/// Every route that the document describes: method and template.
#[must_use]
pub fn routes() -> Vec<(String, String)> {
    let text = serde_json::to_value(document()).unwrap_or_default();
    let paths = text["paths"].as_object().cloned().unwrap_or_default();
    let of = |(path, item): (String, serde_json::Value)| {
        let methods: Vec<String> = item.as_object().map(|o| o.keys().cloned().collect()).unwrap_or_default();
        methods.into_iter().filter(|m| METHODS.contains(&m.as_str())).map(move |m| (m.to_uppercase(), path.clone()))
    };
    paths.into_iter().flat_map(of).collect()
}

const METHODS: [&str; 6] = ["get", "head", "put", "patch", "post", "delete"];

/// `GET /openapi.json`.
pub(super) async fn serve() -> impl IntoResponse {
    Json(document())
}
