//! `GET /v1.0/users`: people are named by their object id here, so nobody is found by an address.

use axum::Json;
use serde_json::{Value, json};

/// Nobody.
pub(in crate::rest) async fn users() -> Json<Value> {
    Json(json!({ "value": [] }))
}
