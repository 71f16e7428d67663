//! What addresses carry: names in the path, questions behind it.

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use control::VmPlace;
use domain::fault::{Fault, FaultKind};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;

use super::error::RestError;
use crate::state::AppState;

/// The parts of a path.
pub(super) struct At<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for At<T> {
    type Rejection = RestError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, RestError> {
        let path = Path::<T>::from_request_parts(parts, state).await.map_err(|_| {
            let message = "The address holds characters that no name has, or is not written in UTF-8.";
            Fault::new(FaultKind::Invalid, "InvalidRequestUri", message)
        })?;
        Ok(Self(path.0))
    }
}

/// What stands behind the question mark.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Asked<T> {
    type Rejection = RestError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, RestError> {
        let query = Query::<T>::try_from_uri(&parts.uri).map_err(|_| {
            let message = "A query parameter has a value of the wrong type, or stands twice.";
            Fault::new(FaultKind::Invalid, "InvalidParameter", message)
        })?;
        Ok(Self(query.0))
    }
}

/// The version of the API.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `Caller` reads")]
pub(super) struct ApiVersion {
    /// A date, for example 2024-11-01.
    #[param(rename = "api-version", example = "2024-11-01", pattern = r"^\d{4}-\d{2}-\d{2}(-[A-Za-z0-9]{1,19})?$")]
    api_version: String,
}

/// In the subscription.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct InSubscription {
    /// The subscription's id.
    #[expect(dead_code, reason = "`Caller` checks it")]
    subscription_id: String,
}

/// In a location of the subscription.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct InLocation {
    /// The subscription's id.
    #[expect(dead_code, reason = "`Caller` checks it")]
    subscription_id: String,
    /// A label, for example annex.
    pub(super) location: String,
}

/// A resource group.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct GroupPath {
    /// The subscription's id.
    #[expect(dead_code, reason = "`Caller` checks it")]
    subscription_id: String,
    /// The resource group's name, in any case.
    #[param(min_length = 1, max_length = 90)]
    pub(super) resource_group_name: String,
}

/// A machine.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct VmPath {
    /// The subscription's id.
    #[expect(dead_code, reason = "`Caller` checks it")]
    subscription_id: String,
    /// The resource group's name, in any case.
    resource_group_name: String,
    /// The machine's name, in any case.
    vm_name: String,
}

impl VmPath {
    pub(super) fn place(self) -> VmPlace {
        VmPlace { group: self.resource_group_name, vm: self.vm_name }
    }
}

/// An extension on a machine.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct ExtensionPath {
    /// The subscription's id.
    #[expect(dead_code, reason = "`Caller` checks it")]
    subscription_id: String,
    /// The resource group's name, in any case.
    resource_group_name: String,
    /// The machine's name, in any case.
    vm_name: String,
    /// The extension's name, in any case.
    vm_extension_name: String,
}

impl ExtensionPath {
    pub(super) fn place(self) -> (VmPlace, String) {
        (VmPlace { group: self.resource_group_name, vm: self.vm_name }, self.vm_extension_name)
    }
}

/// A managed run command on a machine.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct RunCommandPath {
    /// The subscription's id.
    #[expect(dead_code, reason = "`Caller` checks it")]
    subscription_id: String,
    /// The resource group's name, in any case.
    resource_group_name: String,
    /// The machine's name, in any case.
    vm_name: String,
    /// The run command's name, in any case.
    run_command_name: String,
}

impl RunCommandPath {
    pub(super) fn place(self) -> (VmPlace, String) {
        (VmPlace { group: self.resource_group_name, vm: self.vm_name }, self.run_command_name)
    }
}

/// What is to be told beside the thing itself.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Expand {
    /// `instanceView` adds what the machine reported.
    #[serde(rename = "$expand", default)]
    expand: Option<String>,
}

impl Expand {
    /// Is the instance view asked for? Other words, alone or in a comma list, ask for things that Annex has not.
    pub(super) fn instance_view(&self) -> bool {
        let words = self.expand.as_deref().unwrap_or_default();
        words.split(',').any(|word| word.trim().eq_ignore_ascii_case("instanceView"))
    }
}
