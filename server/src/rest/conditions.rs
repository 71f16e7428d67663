//! `If-Match` and `If-None-Match` (arm-api, section 2).

use axum::http::{HeaderMap, header};
use domain::{
    etag::{Conditions, OnlyIf},
    generation::Generation,
};
use utoipa::IntoParams;

/// The headers, for the description of the API.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes what `read` reads")]
pub(super) struct Headers {
    /// The change is made only if the ETag is still this one; `*`: if it is there.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
    /// `*`: the change is made only if it is not there yet.
    #[param(rename = "If-None-Match")]
    if_none_match: Option<String>,
}

/// Reads them.
pub(super) fn read(headers: &HeaderMap) -> Conditions {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok()).map(str::trim);
    Conditions {
        only_if: text(header::IF_MATCH).filter(|text| !text.is_empty()).map(|text| match text {
            "*" => OnlyIf::Present,
            etag => etag
                .trim_start_matches("W/")
                .trim_matches('"')
                .parse()
                .map_or(OnlyIf::Never, |number| OnlyIf::Unchanged(Generation::new(number))),
        }),
        only_if_new: text(header::IF_NONE_MATCH) == Some("*"),
    }
}
