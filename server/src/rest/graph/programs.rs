//! `GET /v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq 'APP')`.

use axum::{Extension, Json, extract::State};
use domain::actor::Actor;
use serde::Deserialize;
use serde_json::{Value, json};

use super::object;
use crate::{
    rest::{error::RestError, params::Asked},
    state::AppState,
};

/// Who is asked for.
#[derive(Deserialize)]
pub(in crate::rest) struct Narrowed {
    #[serde(rename = "$filter", default)]
    filter: Option<String>,
}

/// The program that the filter names, if there is one.
pub(in crate::rest) async fn programs(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Asked(narrowed): Asked<Narrowed>,
) -> Result<Json<Value>, RestError> {
    let filter = narrowed.filter.unwrap_or_default();
    let named = filter.split('\'').nth(1).and_then(|text| text.parse().ok());
    let found = match named {
        Some(app) => state.control().directory_by_app(&actor, app).await?,
        None => None,
    };
    Ok(Json(json!({ "value": found.iter().map(object).collect::<Vec<_>>() })))
}
