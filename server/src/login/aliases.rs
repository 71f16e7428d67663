//! `GET /aliases.json`: short names of images, for `az vm create --image Ubuntu2204`. Without it the client would go to the
//! Internet for the list. Annex makes no machine from an image: the name only tells what somebody says a machine is.

use axum::Json;
use serde_json::{Value, json};

/// The document, in the form of a template's outputs.
pub(super) async fn aliases() -> Json<Value> {
    let image = |publisher: &str, offer: &str, sku: &str| json!({ "publisher": publisher, "offer": offer, "sku": sku, "version": "latest", "architecture": "x64" });
    Json(json!({
        "$schema": "http://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {},
        "variables": {},
        "resources": [],
        "outputs": { "aliases": { "type": "object", "value": {
            "Linux": {
                "Ubuntu2204": image("Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2"),
                "Ubuntu2404": image("Canonical", "ubuntu-24_04-lts", "server"),
                "Debian11": image("Debian", "debian-11", "11-backports-gen2"),
            },
            "Windows": {},
        } } },
    }))
}
