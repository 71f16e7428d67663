//! A machine is heard of by every request, and as long as one is open. What it says about itself comes with the request.

use agent_protocol::contact::{AgentContact, HEADER};
use axum::{
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse, Response},
};
use control::{AgentIdentity, AgentSays};
use domain::{agent_words::AgentWords, fault::Fault};

use super::error::WireError;
use crate::state::AppState;

/// Holds the contact while the request is answered; a connection that breaks ends it. A copy of a machine is refused here
/// and counts as no contact.
pub(super) async fn hold(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(identity) = request.extensions().get::<AgentIdentity>() else { return next.run(request).await };
    let vm = identity.vm_id;
    let admitted = match said(request.headers()) {
        Ok(None) => Ok(()),
        Ok(Some(says)) => state.control().agent_says(identity, says).await.map_err(WireError::from),
        Err(fault) => Err(fault.into()),
    };
    if let Err(error) = admitted {
        return error.into_response();
    }
    let _contact = state.control().agent_contact(vm);
    next.run(request).await
}

fn said(headers: &HeaderMap) -> Result<Option<AgentSays>, Fault> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let contact = value.to_str().ok().and_then(AgentContact::parse);
    let contact = contact.ok_or_else(|| Fault::invalid(HEADER, "This header is too long, or not ASCII."))?;
    Ok(Some(AgentSays {
        words: AgentWords {
            version: contact.version,
            relay: contact.relay,
            holder: contact.holder,
            life: contact.life,
            boot: contact.boot,
            machine: contact.machine,
            process_runs: contact.process_runs,
            clock_wrong: None,
        },
        clock_ms: contact.clock_ms,
        fetched_ms_ago: contact.fetched_ms_ago,
        reported_ms_ago: contact.reported_ms_ago,
        next_ms: contact.next_ms,
    }))
}
