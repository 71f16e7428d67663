//! Reporting: status documents when something changes, records of runs as they are written.

mod document;
mod records;
mod status;

pub(crate) use document::document;
pub use records::Records;
pub use status::StatusReport;

use std::time::Duration;

use crate::contact::Contact;

/// How long a stopping agent tries to get its last words through.
pub const LAST_WORDS: Duration = Duration::from_secs(2);

/// Waits, but not beyond the wish to stop; true when the agent is stopping.
async fn pause(contact: &Contact, length: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(length) => false,
        () = contact.stopped() => true,
    }
}
