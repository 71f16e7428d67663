//! The catalogue as ARM describes it: bare arrays (arm-api, section 4.1).

use control::Offered;
use serde::Serialize;
use utoipa::ToSchema;

use crate::rest::{caller::Caller, id};

/// A publisher, a type or a version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VirtualMachineImageResource)]
pub(in crate::rest) struct Place {
    pub(super) location: String,
    pub(super) name: String,
    pub(super) id: String,
}

/// A version with what it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VirtualMachineExtensionImage)]
pub(in crate::rest) struct ImageBody {
    location: String,
    name: String,
    id: String,
    properties: ImageProperties,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VirtualMachineExtensionImageProperties)]
struct ImageProperties {
    operating_system: &'static str,
    compute_role: &'static str,
    /// JSON Schema of the public settings, as text.
    handler_schema: String,
    vm_scale_set_enabled: bool,
    supports_multiple_extensions: bool,
    /// What is installed for this name, where something stands in for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    stand_in: Option<String>,
}

/// Where a publisher, type or version is in the catalogue.
pub(super) fn path(publisher: &str, extension_type: Option<&str>, version: Option<&str>) -> String {
    let mut path = format!("/Publishers/{publisher}");
    if let Some(extension_type) = extension_type {
        path.push_str(&format!("/ArtifactTypes/VMExtension/Types/{extension_type}"));
    }
    if let Some(version) = version {
        path.push_str(&format!("/Versions/{version}"));
    }
    path
}

/// An entry of a list.
pub(super) fn place(caller: &Caller, location: &str, name: &str, path: &str) -> Place {
    Place {
        location: location.to_owned(),
        name: name.to_owned(),
        id: id::catalogue(&caller.subscription, location, path),
    }
}

/// One version of one name.
pub(super) fn image(caller: &Caller, location: &str, offered: &Offered) -> ImageBody {
    let (publisher, extension_type) = (offered.publisher.as_str(), offered.extension_type.as_str());
    let path = path(publisher, Some(extension_type), Some(offered.version.as_str()));
    let Place { location, name, id } = place(caller, location, offered.version.as_str(), &path);
    let image = &offered.image;
    ImageBody {
        location,
        name,
        id,
        properties: ImageProperties {
            operating_system: if image.os.iter().any(|os| os == "windows") { "Windows" } else { "Linux" },
            compute_role: "IaaS",
            handler_schema: image.public_schema.to_string(),
            vm_scale_set_enabled: false,
            supports_multiple_extensions: image.supports_multiple,
            stand_in: offered.stand_in.then(|| format!("{} {}", image.handler_name(), image.version)),
        },
    }
}
