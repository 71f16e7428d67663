//! Who asks, and under which version of the API: what every handler begins with.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{StatusCode, request::Parts},
};
use domain::{
    actor::Actor,
    fault::{Fault, FaultKind},
};

use super::error::RestError;
use crate::{http::origin::origin, state::AppState};

/// A request that is one of ARM's: signed in (the guard saw to that), with a version, in our subscription.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Who asks.
    pub(super) actor: Actor,
    /// `https://host:port` as the client wrote it: links lead back there.
    pub(super) base: String,
    /// `api-version` as the client wrote it: links carry it on.
    pub(super) api_version: String,
    /// The subscription's id.
    pub(super) subscription: String,
    /// The tenant's id.
    pub(super) tenant: String,
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = RestError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, RestError> {
        let actor = parts.extensions.get::<Actor>().cloned().ok_or_else(not_signed_in)?;
        let api_version = api_version(parts.uri.query().unwrap_or_default())?;
        let installation = state.control().installation().await?;
        let (subscription, tenant) = (installation.subscription_id.to_string(), installation.tenant_id.to_string());
        let named = RawPathParams::from_request_parts(parts, state).await.ok();
        let named = named.as_ref().and_then(|p| p.iter().find(|(name, _)| *name == "subscriptionId"));
        if let Some((_, other)) = named
            && !other.eq_ignore_ascii_case(&subscription)
        {
            let message = format!("The subscription '{other}' could not be found. This portal's is '{subscription}'.");
            return Err(Fault::new(FaultKind::NotFound, "SubscriptionNotFound", message).into());
        }
        let base = origin(&parts.extensions, &parts.headers, &parts.uri, state.config().behind_proxy);
        let base = base.unwrap_or_else(|| "https://localhost".to_owned());
        Ok(Self { actor, base, api_version, subscription, tenant })
    }
}

fn not_signed_in() -> RestError {
    Fault::new(FaultKind::Unauthenticated, "AuthenticationFailed", "Authentication failed. Send a bearer token.").into()
}

/// Any version that has the shape of one: the shapes that are used here did not change between them (arm-api, section 2).
fn api_version(query: &str) -> Result<String, RestError> {
    let given = query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.eq_ignore_ascii_case("api-version").then_some(value)
    });
    let Some(given) = given.filter(|value| !value.is_empty()) else {
        let message = "The api-version query parameter (?api-version=) is required for all requests.";
        return Err(Fault::new(FaultKind::Invalid, "MissingApiVersionParameter", message).into());
    };
    if is_version(given) {
        return Ok(given.to_owned());
    }
    let shown: String = given.chars().filter(|c| c.is_ascii_graphic()).take(40).collect();
    let message = format!(
        "The api-version '{shown}' is invalid. It is a date, for example 2024-11-01, with -preview behind it where the client says so."
    );
    let fault = Fault::new(FaultKind::Invalid, "InvalidApiVersionParameter", message).at("api-version");
    Err(RestError::with_status(fault, StatusCode::BAD_REQUEST))
}

fn is_version(text: &str) -> bool {
    let (date, rest) = text.split_at_checked(10).unwrap_or((text, "?"));
    let digits = |range: std::ops::Range<usize>| date.as_bytes()[range].iter().all(u8::is_ascii_digit);
    let is_date = date.is_ascii() && date.len() == 10 && date.as_bytes()[4] == b'-' && date.as_bytes()[7] == b'-';
    let rest_ok = rest.is_empty() || (rest.starts_with('-') && rest[1..].bytes().all(|b| b.is_ascii_alphanumeric()));
    is_date && digits(0..4) && digits(5..7) && digits(8..10) && rest_ok && rest.len() <= 20
}

#[cfg(test)]
mod tests {
    use super::{api_version, is_version};

    #[test]
    fn every_date_is_a_version() {
        for good in ["2015-05-01-preview", "2024-11-01", "2031-01-01"] {
            assert!(is_version(good), "{good}");
        }
        for bad in ["", "2024", "2024-11-1", "20241101xx", "2024-11-01x", "2024-11-01-ü", "yyyy-mm-dd"] {
            assert!(!is_version(bad), "{bad}");
        }
        assert_eq!(api_version("a=b&API-Version=2024-11-01").ok().as_deref(), Some("2024-11-01"));
        assert!(api_version("a=b").is_err());
    }
}
