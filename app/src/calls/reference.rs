//! The API for programs.

use domain::api_reference::ApiReference;
use leptos::prelude::*;

use crate::{calls::protocol::Read, error::UiError};
#[cfg(feature = "ssr")]
use crate::{calls::told, session::request_scope};

/// What the API offers: what contains the words of `text`, and all of `operation`.
#[server(name = ReadApiReference, endpoint = "reference", protocol = Read)]
pub async fn api_reference(text: String, operation: String) -> Result<ApiReference, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.api_reference(&actor, text, operation).await.map_err(told)
}
