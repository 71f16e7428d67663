//! The three questions that the role commands of `az` ask Microsoft Graph: who is this id, who is this app, who is this
//! person. No api-version and no subscription: it is another API, at the same address.

pub(super) mod by_ids;
pub(super) mod programs;
pub(super) mod users;

use control::DirectoryEntry;
use domain::access::PrincipalKind;
use serde_json::{Value, json};

/// Somebody as Graph describes them.
fn object(entry: &DirectoryEntry) -> Value {
    match entry.kind {
        PrincipalKind::User => json!({
            "@odata.type": "#microsoft.graph.user",
            "id": entry.id.to_string(),
            "displayName": entry.name,
            "userPrincipalName": entry.name,
        }),
        PrincipalKind::ServicePrincipal | PrincipalKind::Machine => {
            let names: Vec<String> = entry.app_id.iter().map(ToString::to_string).collect();
            json!({
                "@odata.type": "#microsoft.graph.servicePrincipal",
                "id": entry.id.to_string(),
                "appId": names.first(),
                "displayName": entry.name,
                "servicePrincipalNames": names,
            })
        }
    }
}
