//! `GET /vms/{id}/agent-log/{number}`: a log that a machine's agent collected, as a file.

use axum::{
    Extension,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use domain::{actor::Actor, fault::Fault, ids::VmId, portal::AgentCalls};

use crate::{answer, state::AppState};

/// The zip.
pub(super) async fn zip(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((id, number)): Path<(String, String)>,
) -> Response {
    let asked = id.parse::<VmId>().ok().zip(number.parse::<i64>().ok());
    let Some((vm, number)) = asked else {
        return answer::fault(&Fault::not_found("There is no such log."));
    };
    match state.control().agent_log(&actor, vm, number).await {
        Ok(bytes) => {
            let name = format!("attachment; filename=\"annex-agent-log-{vm}-{number}.zip\"");
            let headers = [
                (header::CONTENT_TYPE, "application/zip".to_owned()),
                (header::CONTENT_DISPOSITION, name),
                (header::CACHE_CONTROL, "private, no-store".to_owned()),
            ];
            (headers, bytes).into_response()
        }
        Err(fault) => answer::fault(&fault),
    }
}
