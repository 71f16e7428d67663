//! The marketplace.

use domain::{
    extension_image::{ImageDetail, Marketplace, MarketplaceFilter},
    name::{ExtensionType, Publisher},
    version::ExtensionVersion,
};
use leptos::prelude::*;

use crate::{calls::protocol::Read, error::UiError};
#[cfg(feature = "ssr")]
use crate::{calls::told, session::request_scope};

/// What is offered.
#[server(endpoint = "images", protocol = Read)]
pub async fn image_list(filter: MarketplaceFilter) -> Result<Marketplace, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.image_list(&actor, filter).await.map_err(told)
}

/// One offer; without a version, the newest.
#[server(endpoint = "images/get", protocol = Read)]
pub async fn image_get(
    publisher: Publisher,
    extension_type: ExtensionType,
    version: Option<ExtensionVersion>,
) -> Result<ImageDetail, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.image_get(&actor, publisher, extension_type, version).await.map_err(told)
}
