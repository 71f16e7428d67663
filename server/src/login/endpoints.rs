//! `GET /metadata/endpoints`: what `az cloud register` reads (contract: arm-api, section 1).

use axum::Json;
use serde_json::{Value, json};

use super::tenant::Tenant;

/// One object; a list would be another version of the document.
pub(super) async fn endpoints(tenant: Tenant) -> Json<Value> {
    let origin = &tenant.origin;
    Json(json!({
        "name": "Annex",
        "portal": origin,
        "resourceManager": origin,
        "authentication": {
            // clients do not ask elsewhere about a login endpoint that ends like this
            "loginEndpoint": format!("{origin}/adfs"),
            "audiences": [origin, "https://management.azure.com"],
            "tenant": tenant.installation.tenant_id,
            "identityProvider": "ADFS",
        },
        "vmImageAliasDoc": format!("{origin}/aliases.json"),
        // where `az role assignment` asks whose an id is (`rest::graph`); it gives up when the member is missing
        "microsoftGraphResourceId": origin,
        // services that Annex does not have: clients want the members, and what they name is this server
        "graph": origin,
        "graphAudience": origin,
        "media": origin,
        "gallery": origin,
        "batch": origin,
        "sqlManagement": origin,
        "activeDirectoryDataLake": origin,
        "suffixes": {
            "storage": "storage.annex.invalid",
            "keyVaultDns": "vault.annex.invalid",
            "acrLoginServer": "registry.annex.invalid",
        },
    }))
}
