//! `annex-agent status`: what this machine knows about itself, without asking anybody.

use std::fmt::Write;

use agent_protocol::{JsonDocument, StatusDocument};

use crate::credential::{Credential, CredentialError};
use crate::files;
use crate::layout::Layout;
use crate::lock::Lock;

/// A page of text for people.
///
/// # Errors
/// Not enrolled, or the files cannot be read.
pub fn show(layout: &Layout) -> Result<String, CredentialError> {
    let credential = Credential::load(layout)?;
    let mut page = format!("machine   {}\nserver    {}\n", credential.vm_name, credential.server);
    let running = match Lock::held_by(&layout.lock()) {
        Some(pid) => format!("running, process {pid}"),
        None => "not running; start it with `annex-agent run`".to_owned(),
    };
    let report = files::read(&layout.last_report(), agent_protocol::status::MAX_STATUS_BYTES as u64).ok().flatten();
    let report = report.and_then(|bytes| StatusDocument::parse(&bytes).ok());
    page += &format!("agent     {} ({running})\n", env!("CARGO_PKG_VERSION"));
    match report {
        Some(report) => page += &describe(&report),
        None => page += "reported  nothing yet\n",
    }
    Ok(page)
}

fn describe(report: &StatusDocument) -> String {
    let incarnation = report.incarnation().map_or_else(|| "none".to_owned(), |number| number.to_string());
    let mut page = format!("reported  {} for goal state {incarnation}\n", report.timestamp_utc);
    for handler in &report.aggregate_status.handler_aggregate_status {
        let extension = handler.runtime_settings_status.as_ref();
        let status = extension.and_then(|status| status.settings_status.as_ref());
        let word = status.map_or("", |status| status.status.status.as_str());
        let message = status.map_or(&handler.formatted_message, |status| &status.status.formatted_message);
        let first = message.message.lines().next().unwrap_or_default();
        let (name, version) = (&handler.handler_name, &handler.handler_version);
        // writing to a String cannot fail
        let _ = writeln!(page, "          {name} {version}: {} {word} {first}", handler.status);
    }
    page
}
