//! `GET /annex/agent/v1/enrol/{script}.sh`: how to put an agent on a machine. No token is in it, so everybody may read it.

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use domain::{enrolment::EnrolScript, fault::Fault};

use super::error::WireError;
use crate::state::AppState;

/// The text of one script.
pub(super) async fn enrol_script(
    State(state): State<AppState>,
    Path(script): Path<String>,
) -> Result<Response, WireError> {
    let script = script.strip_suffix(".sh").and_then(EnrolScript::parse);
    let script = script.ok_or_else(|| Fault::not_found("There is no such script."))?;
    let text = state.control().script(script).await?;
    let headers = [(header::CONTENT_TYPE, "text/x-shellscript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, text).into_response())
}
