//! The one ARM request behind a deed.

use serde_json::{Value, json};

use super::{API_VERSION, ApiPlace, Asked, Deed, MachineResource};
use crate::vm::PowerAction;

/// A request on a machine.
pub(super) struct Request {
    /// `GET` and so on.
    pub(super) method: &'static str,
    /// What follows the machine's path: `/extensions/CustomScript`, `/start`, or nothing.
    pub(super) below: String,
    /// What is sent.
    pub(super) body: Body,
}

/// What a request sends.
pub(super) enum Body {
    /// Nothing.
    None,
    /// A document.
    Json(Value),
    /// A `forceUpdateTag` that is another one each time.
    NewTag,
}

/// The request of a deed that has one.
pub(super) fn request(deed: &Deed) -> Request {
    let extension = |name: &str| format!("/extensions/{name}");
    let (method, below, body) = match deed {
        Deed::Put(wanted) => ("PUT", extension(&wanted.name), Body::Json(wanted.body())),
        // a change of some members: secrets cannot be read back, so they must not have to be sent again
        Deed::ChangeSettings(wanted) => {
            ("PATCH", extension(&wanted.name), Body::Json(json!({ "properties": { "settings": wanted.settings } })))
        }
        Deed::RunAgain(wanted) => ("PATCH", extension(&wanted.name), Body::NewTag),
        Deed::ChangeVersion(wanted) => {
            let line = json!({ "typeHandlerVersion": wanted.version.line(), "autoUpgradeMinorVersion": false });
            ("PATCH", extension(&wanted.name), Body::Json(json!({ "properties": line })))
        }
        Deed::Remove { name } => ("DELETE", extension(name), Body::None),
        Deed::Power(action) => ("POST", format!("/{}", power_word(*action)), Body::None),
        Deed::Register => ("PUT", String::new(), Body::Json(Value::Object(MachineResource::registered().body()))),
        Deed::SetTags(machine) => ("PATCH", String::new(), Body::Json(json!({ "tags": machine.tags_value() }))),
        Deed::AllowExtensions(machine) => {
            let flag = json!({ "allowExtensionOperations": machine.allow_extensions });
            ("PATCH", String::new(), Body::Json(json!({ "properties": { "osProfile": flag } })))
        }
        Deed::Decommission => ("DELETE", String::new(), Body::None),
        // these are no request on a machine; `show` has answered them before
        Deed::GiveRole(_) | Deed::TakeRole(_) | Deed::PortalOnly(_) => ("GET", String::new(), Body::None),
    };
    Request { method, below, body }
}

/// ARM's word for an action. A stopped machine of Annex keeps its disk and its place, like one that is powered off.
fn power_word(action: PowerAction) -> &'static str {
    match action {
        PowerAction::Start => "start",
        PowerAction::Stop => "powerOff",
        PowerAction::Restart => "restart",
    }
}

/// Path of a machine.
pub(super) fn machine_path(api: &ApiPlace, group: &str, name: &str) -> String {
    let subscription = &api.subscription_id;
    format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{name}")
}

/// Path and query of a request on a machine.
pub(super) fn target(asked: &Asked, group: &str, name: &str, request: &Request) -> String {
    format!("{}{}?api-version={API_VERSION}", machine_path(&asked.place.api, group, name), request.below)
}
