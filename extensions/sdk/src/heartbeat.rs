//! The heartbeat file: how a long-running handler says that it is alive. An agent takes it over as the handler's own
//! status and calls the handler unresponsive when the file is older than ten minutes.

use std::io;
use std::path::Path;

use agent_protocol::{FormattedMessage, Heartbeat};

use crate::atomic::{self, Durability};

/// Writes one heartbeat. `ready` false reports the handler as `NotReady` with `code` and `message`.
///
/// # Errors
/// When the disk refuses.
pub fn beat(file: &Path, ready: bool, code: i64, message: &str) -> io::Result<()> {
    let status = if ready { "Ready" } else { "NotReady" }.to_owned();
    let beat = Heartbeat { status, code, formatted_message: FormattedMessage::english(message) };
    atomic::write(file, &beat.render(), 0o600, Durability::Ordinary)
}

#[cfg(test)]
mod tests {
    #[test]
    fn has_the_form_that_agents_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("heartbeat.log");
        super::beat(&file, true, 0, "ok").unwrap();
        let document: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!(document[0]["heartbeat"]["status"], "Ready");
        assert_eq!(document[0]["heartbeat"]["formattedMessage"]["message"], "ok");
    }
}
