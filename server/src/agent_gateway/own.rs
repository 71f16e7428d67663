//! A machine reads and writes only its own documents.

use control::AgentIdentity;
use domain::fault::Fault;

use super::error::WireError;

/// Does the address name the machine that asks? Another machine's documents do not exist for it.
pub(super) fn check(identity: &AgentIdentity, vm: &str) -> Result<(), WireError> {
    if identity.vm_id.to_string().eq_ignore_ascii_case(vm) {
        return Ok(());
    }
    tracing::warn!(machine = %identity.vm_id, asked_for = vm, "a machine asked for another machine's documents");
    Err(Fault::not_found("There is no such document.").into())
}
