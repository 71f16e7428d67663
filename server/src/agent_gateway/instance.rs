//! `GET /metadata/instance`: what a machine may know of itself, in the words of Azure's instance metadata (wire protocol,
//! section 8). The relay keeps it and answers with it inside the machine.

use axum::{Extension, Json, extract::State};
use control::AgentIdentity;
use serde_json::{Value, json};

use super::error::WireError;
use crate::state::AppState;

/// Where a machine is, as far as Annex knows: it is wherever its owner has put it.
const LOCATION: &str = "annex";

/// The document.
pub(super) async fn instance(
    State(state): State<AppState>,
    Extension(identity): Extension<AgentIdentity>,
) -> Result<Json<Value>, WireError> {
    let vm = state.control().machine_of(identity.vm_id).await?;
    let installation = state.control().installation().await?;
    let tags = vm.tags.iter().map(|(name, value)| format!("{name}:{value}")).collect::<Vec<_>>().join(";");
    let tag_list: Vec<Value> = vm.tags.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let os = vm.os.unwrap_or_default();
    Ok(Json(json!({
        "compute": {
            "azEnvironment": "Annex",
            "location": LOCATION,
            "name": vm.name.to_string(),
            "osType": "Linux",
            "offer": os.id,
            "publisher": "",
            "sku": os.version,
            "version": os.version,
            "placementGroupId": "",
            "platformFaultDomain": "0",
            "platformUpdateDomain": "0",
            "resourceGroupName": vm.resource_group.to_string(),
            "securityProfile": { "secureBootEnabled": "false", "securityType": "Standard", "virtualTpmEnabled": "false" },
            "subscriptionId": installation.subscription_id,
            "tags": tags,
            "tagsList": tag_list,
            "vmId": vm.id.to_string(),
            "vmScaleSetName": "",
            "vmSize": "",
            "zone": "",
        },
        "network": { "interface": [] },
    })))
}
