//! The parts of a catalogue address.

use serde::Deserialize;
use utoipa::IntoParams;

/// A publisher.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(in crate::rest) struct PublisherPath {
    /// The subscription's id.
    #[expect(dead_code, reason = "`Caller` checks it")]
    subscription_id: String,
    /// A label, for example annex.
    pub(super) location: String,
    /// The publisher's name.
    pub(super) publisher_name: String,
}

/// A type.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(in crate::rest) struct TypePath {
    /// The subscription's id.
    #[expect(dead_code, reason = "`Caller` checks it")]
    subscription_id: String,
    /// A label, for example annex.
    pub(super) location: String,
    /// The publisher's name.
    pub(super) publisher_name: String,
    /// The type.
    #[serde(rename = "type")]
    pub(super) extension_type: String,
}

/// A version.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(in crate::rest) struct VersionPath {
    /// The subscription's id.
    #[expect(dead_code, reason = "`Caller` checks it")]
    subscription_id: String,
    /// A label, for example annex.
    pub(super) location: String,
    /// The publisher's name.
    pub(super) publisher_name: String,
    /// The type.
    #[serde(rename = "type")]
    pub(super) extension_type: String,
    /// The version, whole.
    pub(super) version: String,
}
