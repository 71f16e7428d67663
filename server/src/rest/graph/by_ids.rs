//! `POST /v1.0/directoryObjects/getByIds`.

use axum::{Extension, Json, extract::State};
use domain::actor::Actor;
use serde::Deserialize;
use serde_json::{Value, json};

use super::object;
use crate::{
    rest::{body::Body, error::RestError},
    state::AppState,
};

/// Most ids in a question (Graph's own limit).
const MOST: usize = 1000;

/// Who is asked for.
#[derive(Deserialize)]
pub(in crate::rest) struct Sent {
    ids: Option<Vec<String>>,
}

/// Those that there are; others are left out.
pub(in crate::rest) async fn by_ids(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Body(sent): Body<Sent>,
) -> Result<Json<Value>, RestError> {
    let ids: Vec<_> = sent.ids.unwrap_or_default().iter().take(MOST).filter_map(|id| id.parse().ok()).collect();
    let found = state.control().directory_by_ids(&actor, &ids).await?;
    Ok(Json(json!({ "value": found.iter().map(object).collect::<Vec<_>>() })))
}
