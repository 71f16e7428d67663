//! `GET /operations/{id}/output/{vm}.txt`: what a run printed, as a file.

use std::fmt::Write;

use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use domain::{
    actor::Actor,
    fault::Fault,
    ids::{OperationId, VmId},
    portal::OperationCalls,
    run_output::{OutputEntry, OutputRecord, RunOutput},
};
use futures::{Stream, stream};

use crate::{answer, state::AppState};

/// The records of a run, one line each, as far as they have come.
pub(super) async fn text(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((id, file)): Path<(String, String)>,
) -> Response {
    let parsed = file.strip_suffix(".txt").and_then(|vm| Some((id.parse().ok()?, vm.parse().ok()?)));
    let Some((operation, vm)) = parsed else {
        return answer::fault(&Fault::not_found("There is no such output."));
    };
    // the first stretch decides between an answer and a fault
    match state.control().operation_output(&actor, operation, vm, 0).await {
        Ok(first) => {
            let name = format!("attachment; filename=\"annex-{operation}-{vm}.txt\"");
            let headers =
                [(header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
            (headers, Body::from_stream(stretches(state, actor, operation, vm, first))).into_response()
        }
        Err(fault) => answer::fault(&fault),
    }
}

fn stretches(
    state: AppState,
    actor: Actor,
    operation: OperationId,
    vm: VmId,
    first: RunOutput,
) -> impl Stream<Item = Result<String, Fault>> {
    stream::try_unfold(Some(first), move |stretch| {
        let (state, actor) = (state.clone(), actor.clone());
        async move {
            let Some(stretch) = stretch.filter(|s| !s.records.is_empty()) else { return Ok(None) };
            let text = stretch.records.iter().fold(String::new(), |mut text, record| {
                line(&mut text, record);
                text
            });
            let next = state.control().operation_output(&actor, operation, vm, stretch.next).await?;
            Ok(Some((text, Some(next))))
        }
    })
}

fn line(text: &mut String, record: &OutputRecord) {
    let at = record.at;
    let written = match &record.entry {
        OutputEntry::Line { stream, text: said } => writeln!(text, "{at} {} {said}", stream.code()),
        OutputEntry::Step { step, phase, duration_ms, detail } => {
            let took = duration_ms.map(|ms| format!(" {ms} ms")).unwrap_or_default();
            let detail = detail.as_deref().map(|d| format!(" ({d})")).unwrap_or_default();
            writeln!(text, "{at} step {} {}{took}{detail}", step.label(), format!("{phase:?}").to_lowercase())
        }
        OutputEntry::Capped => writeln!(text, "{at} agent output limit reached; later lines are not kept"),
        OutputEntry::Dropped { lines } => writeln!(text, "{at} agent {lines} lines were not kept"),
    };
    written.expect("writing to a string does not fail");
}
