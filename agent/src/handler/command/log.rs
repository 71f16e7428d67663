//! `CommandExecution.log`: every command with its output, for whoever looks on the machine itself.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use agent_protocol::Timestamp;
use time::OffsetDateTime;

use super::Ticket;

/// Most bytes of each stream that one command leaves in the log.
const MOST_OUTPUT: u64 = 256 * 1024;
/// The log is moved aside (once) when it is larger than this.
const MOST_LOG: u64 = 4 * 1024 * 1024;

/// The log of a handler, or of one instance of a multi-config handler.
#[must_use]
pub fn log_path(folder: &Path, extension: &str) -> PathBuf {
    let name = if extension.is_empty() {
        "CommandExecution.log".to_owned()
    } else {
        format!("CommandExecution_{extension}.log")
    };
    folder.join(name)
}

/// Appends what a command was and printed.
///
/// # Errors
/// As the file system says.
pub fn write_log(path: &Path, ticket: &Ticket, command: &str, ending: &str) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|meta| meta.len() > MOST_LOG) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    let mut text =
        format!("{} {command}\n{ending}\n[stdout]\n", Timestamp::from(OffsetDateTime::now_utc())).into_bytes();
    append(&mut text, &ticket.stdout());
    text.extend_from_slice(b"\n[stderr]\n");
    append(&mut text, &ticket.stderr());
    text.extend_from_slice(b"\n\n");
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)?.write_all(&text)
}

fn append(text: &mut Vec<u8>, path: &Path) {
    if let Ok(file) = fs::File::open(path) {
        // What can not be read is not in the log; the message of a failure has its own way.
        let _read = file.take(MOST_OUTPUT).read_to_end(text);
    }
}
