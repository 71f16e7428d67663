//! `GET …/types/{type}/versions`: in the order of their text, unless asked otherwise.

use axum::{Json, extract::State};
use control::Offered;
use domain::fault::Fault;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    super::{
        caller::Caller,
        error::{ErrorBody, RestError},
        params::{ApiVersion, Asked, At},
    },
    body::{Place, path, place},
    paths::TypePath,
};
use crate::state::AppState;

/// What the list is narrowed to.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct Narrowed {
    /// `startswith(name, '2.1')` or `name eq '2.1.3'`.
    #[serde(rename = "$filter", default)]
    filter: Option<String>,
    /// At most so many.
    #[serde(rename = "$top", default)]
    top: Option<String>,
    /// `name asc` or `name desc`.
    #[serde(rename = "$orderby", default)]
    orderby: Option<String>,
}

impl Narrowed {
    fn apply(&self, versions: &mut Vec<Offered>) -> Result<(), Fault> {
        if let Some(filter) = self.filter.as_deref().map(str::trim).filter(|f| !f.is_empty()) {
            let (text, whole) = condition(filter).ok_or_else(|| {
                Fault::invalid(
                    "$filter",
                    "This filter is not understood. Use startswith(name, '2.1') or name eq '2.1.3'.",
                )
            })?;
            let is = |v: &str| if whole { v.eq_ignore_ascii_case(&text) } else { v.starts_with(&text) };
            versions.retain(|offered| is(offered.version.as_str()));
        }
        match self.orderby.as_deref().map(|o| o.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "name" | "name asc") => {}
            Some("name desc") => versions.reverse(),
            Some(_) => return Err(Fault::invalid("$orderby", "Use name asc or name desc.")),
        }
        if let Some(top) = self.top.as_deref().filter(|t| !t.is_empty()) {
            let most: u32 = top
                .trim()
                .parse()
                .ok()
                .filter(|n| *n > 0)
                .ok_or_else(|| Fault::invalid("$top", "$top is a whole number above 0."))?;
            versions.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        }
        Ok(())
    }
}

/// The text that a name begins with, or (true) is.
fn condition(filter: &str) -> Option<(String, bool)> {
    let quoted = |text: &str| Some(text.trim().strip_prefix('\'')?.strip_suffix('\'')?.to_owned());
    let lower = filter.to_ascii_lowercase();
    if lower.starts_with("startswith(") && filter.ends_with(')') {
        let (name, text) = filter["startswith(".len()..filter.len() - 1].split_once(',')?;
        return name.trim().eq_ignore_ascii_case("name").then(|| quoted(text)).flatten().map(|text| (text, false));
    }
    let rest = lower.strip_prefix("name eq ").map(|rest| &filter[filter.len() - rest.len()..])?;
    quoted(rest).map(|text| (text, true))
}

/// Lists the versions of an extension type
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/publishers/{publisherName}/artifacttypes/vmextension/types/{type}/versions",
    tag = "Marketplace",
    operation_id = "VirtualMachineExtensionImages_ListVersions",
    params(TypePath, Narrowed, ApiVersion),
    responses(
        (status = OK, description = "The versions of a type", body = Vec<Place>),
        (status = "default", description = "An error", body = ErrorBody),
    ),
)]
pub(in crate::rest) async fn versions(
    State(state): State<AppState>,
    caller: Caller,
    At(at): At<TypePath>,
    Asked(narrowed): Asked<Narrowed>,
) -> Result<Json<Vec<Place>>, RestError> {
    let mut versions = state.control().offered(&caller.actor, &at.publisher_name, &at.extension_type).await?;
    narrowed.apply(&mut versions)?;
    let entries = versions.iter().map(|offered| {
        let version = offered.version.as_str();
        let path = path(offered.publisher.as_str(), Some(offered.extension_type.as_str()), Some(version));
        place(&caller, &at.location, version, &path)
    });
    Ok(Json(entries.collect()))
}
