//! `POST /annex/agent/v1/records`: steps and lines of runs, as they happen.

use agent_protocol::{
    Acknowledged, Entry, JsonDocument, RecordsRequest, RecordsResponse, RunKey, RunRecords, StepName as WireStep,
    StepPhase as WirePhase, Stream as WireStream,
};
use axum::{
    Extension,
    body::Bytes,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use control::{AgentIdentity, RunAck, RunBatch, RunRecord};
use domain::{
    generation::Incarnation,
    operation::{StepName, StepPhase},
    run_output::{OutputEntry, Stream},
    timestamp::Timestamp,
};

use super::error::WireError;
use crate::state::AppState;

/// Stores records and says how far it got.
pub(super) async fn records(
    State(state): State<AppState>,
    Extension(identity): Extension<AgentIdentity>,
    body: Bytes,
) -> Result<Response, WireError> {
    let request = RecordsRequest::parse(&body)?;
    let sent_at = request.sent_at.map(|at| Timestamp::from_millis(at.unix_ms()));
    let runs = request.runs.into_iter().map(batch).collect();
    let acknowledged = state.control().records_put(identity.vm_id, sent_at, runs).await?;
    let acknowledged = acknowledged.into_iter().map(acknowledge).collect();
    let answer = RecordsResponse { acknowledged };
    Ok(([(header::CONTENT_TYPE, "application/json")], answer.render()).into_response())
}

fn batch(run: RunRecords) -> RunBatch {
    RunBatch {
        incarnation: Incarnation::new(i64::try_from(run.key.incarnation).unwrap_or(i64::MAX)),
        handler: run.key.handler,
        extension: run.key.extension,
        records: run
            .records
            .into_iter()
            .map(|record| RunRecord {
                n: record.n,
                at: Timestamp::from_millis(record.at.unix_ms()),
                entry: entry(record.entry),
            })
            .collect(),
    }
}

fn entry(entry: Entry) -> OutputEntry {
    match entry {
        Entry::Step(step) => OutputEntry::Step {
            step: step_name(step.name),
            phase: phase(step.phase),
            duration_ms: step.duration_ms,
            detail: step.detail,
        },
        Entry::Line(line) => OutputEntry::Line { stream: stream(line.stream), text: line.text },
        Entry::Capped { .. } => OutputEntry::Capped,
        Entry::Dropped { lines } => OutputEntry::Dropped { lines },
    }
}

const fn step_name(name: WireStep) -> StepName {
    match name {
        WireStep::PickedUp => StepName::PickedUp,
        WireStep::Downloaded => StepName::Downloaded,
        WireStep::Verified => StepName::Verified,
        WireStep::Disabled => StepName::Disabled,
        WireStep::Updated => StepName::Updated,
        WireStep::Uninstalled => StepName::Uninstalled,
        WireStep::Installed => StepName::Installed,
        WireStep::Enabled => StepName::Enabled,
    }
}

const fn phase(phase: WirePhase) -> StepPhase {
    match phase {
        WirePhase::Started => StepPhase::Started,
        WirePhase::Done => StepPhase::Done,
        WirePhase::Failed => StepPhase::Failed,
        WirePhase::Skipped => StepPhase::Skipped,
    }
}

const fn stream(stream: WireStream) -> Stream {
    match stream {
        WireStream::Stdout => Stream::Stdout,
        WireStream::Stderr => Stream::Stderr,
        WireStream::Agent => Stream::Agent,
    }
}

fn acknowledge(ack: RunAck) -> Acknowledged {
    Acknowledged {
        key: RunKey {
            incarnation: u64::try_from(ack.incarnation.get()).unwrap_or(0),
            handler: ack.handler,
            extension: ack.extension,
        },
        next: ack.next,
    }
}
