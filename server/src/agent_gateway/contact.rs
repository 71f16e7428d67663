//! A machine is heard of by every request, and as long as one is open.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use control::AgentIdentity;

use crate::state::AppState;

/// Holds the contact while the request is answered; a connection that breaks ends it.
pub(super) async fn hold(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let vm = request.extensions().get::<AgentIdentity>().map(|identity| identity.vm_id);
    let _contact = vm.map(|vm| state.control().agent_contact(vm));
    next.run(request).await
}
