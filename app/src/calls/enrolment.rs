//! Tokens, the scripts that use them, and images.

use domain::{
    enrolment::{EnrolScript, ImageToken},
    guest_agent::EnrolmentOffer,
    ids::ImageTokenId,
};
use leptos::prelude::*;

use crate::{
    calls::protocol::{Change, Read},
    error::UiError,
};
#[cfg(feature = "ssr")]
use crate::{calls::told, paths, session::request_scope};

/// A single-use enrolment token. It travels in the answer once; nobody can read it again. `machine`: id of the registered
/// machine that it is for; empty makes a new machine, called `name` or like its host.
#[server(name = OfferEnrolment, endpoint = "enrolment/offer", protocol = Change)]
pub async fn enrolment_offer(
    #[server(default)] name: String,
    minutes: u32,
    #[server(default)] machine: String,
) -> Result<EnrolmentOffer, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    let offer = match machine.trim() {
        "" => portal.enrolment_offer(&actor, name, minutes).await,
        machine => {
            let id = machine.parse().map_err(told)?;
            portal.enrolment_offer_for(&actor, id, minutes).await
        }
    };
    offer.map_err(told)
}

/// The text of one script.
#[server(name = ReadEnrolScript, endpoint = "enrolment/script", protocol = Read)]
pub async fn enrol_script(script: EnrolScript) -> Result<String, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.enrol_script(&actor, script).await.map_err(told)
}

/// Tokens that are kept in images.
#[server(endpoint = "image-tokens", protocol = Read)]
pub async fn image_token_list() -> Result<Vec<ImageToken>, UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.image_token_list(&actor).await.map_err(told)
}

/// A new one. It travels in the answer once.
#[server(endpoint = "image-tokens/create", protocol = Change)]
pub async fn image_token_create(
    #[server(default)] name_prefix: String,
    uses: u32,
    days: u32,
) -> Result<EnrolmentOffer, UiError> {
    use domain::enrolment::ImageTokenOrder;
    let (portal, actor) = request_scope().map_err(told)?;
    portal.image_token_create(&actor, ImageTokenOrder { name_prefix, uses, days }).await.map_err(told)
}

/// Takes one back.
#[server(endpoint = "image-tokens/revoke", protocol = Change)]
pub async fn image_token_revoke(id: ImageTokenId) -> Result<(), UiError> {
    let (portal, actor) = request_scope().map_err(told)?;
    portal.image_token_revoke(&actor, id).await.map_err(told)?;
    leptos_axum::redirect(&paths::with_query(paths::VM_NEW, &[("mode", "image")]));
    Ok(())
}
