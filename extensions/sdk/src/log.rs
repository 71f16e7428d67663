//! `handler.log`: one line per event, with UTC time, level, command, sequence and event name.

use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use time::OffsetDateTime;
use time::macros::format_description;

use crate::atomic;
use crate::redact::Redactor;

/// The name of the log in the handler's log folder.
pub const FILE_NAME: &str = "handler.log";
/// The log is moved to `handler.log.1` once it is larger than this.
const ROTATE_AT: u64 = 5 * 1024 * 1024;

/// A handler's log. Writing never fails the caller: a full disk must not stop a handler that could still report.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: Option<Mutex<File>>,
    command: &'static str,
    sequence: String,
    redactor: Mutex<Redactor>,
}

impl Log {
    /// Opens (or creates, 0600) the log in `folder`.
    #[must_use]
    pub fn open(folder: &Path, command: &'static str, sequence: &str) -> Self {
        let path = folder.join(FILE_NAME);
        // without a log the handler still works; its status says what matters
        let _ = atomic::private_folder(folder);
        rotate(&path);
        let file = append(&path).ok().map(Mutex::new);
        Self { path, file, command, sequence: sequence.to_owned(), redactor: Mutex::default() }
    }

    /// Where the log is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From now on these secrets are masked in every line.
    pub fn redact_with(&self, redactor: Redactor) {
        *self.redactor.lock().unwrap_or_else(PoisonError::into_inner) = redactor;
    }

    /// Records something that went as it should.
    pub fn info(&self, event: &str, detail: impl Display) {
        self.line("INFO", event, &detail.to_string());
    }

    /// Records something that a person should know of, but that stopped nothing.
    pub fn warn(&self, event: &str, detail: impl Display) {
        self.line("WARN", event, &detail.to_string());
    }

    /// Records why something was not done.
    pub fn error(&self, event: &str, detail: impl Display) {
        self.line("ERROR", event, &detail.to_string());
    }

    fn line(&self, level: &str, event: &str, detail: &str) {
        let Some(file) = &self.file else { return };
        let detail = self.redactor.lock().unwrap_or_else(PoisonError::into_inner).clean(detail);
        // one event is one line, whatever it quotes
        let detail = detail.replace('\n', "\\n").replace('\r', "\\r");
        let line = format!(
            "{} {level:<5} {} seq={} {event}{}{detail}\n",
            timestamp(),
            self.command,
            self.sequence,
            if detail.is_empty() { "" } else { " " },
        );
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        // see the type's promise
        let _ = file.write_all(line.as_bytes());
        if file.metadata().is_ok_and(|data| data.len() > ROTATE_AT) {
            rotate(&self.path);
            if let Ok(fresh) = append(&self.path) {
                *file = fresh;
            }
        }
    }
}

/// Moves a log that has grown too large aside; the one before it goes.
fn rotate(path: &Path) {
    if std::fs::metadata(path).is_ok_and(|data| data.len() > ROTATE_AT) {
        // when that fails, the log goes on growing, which is better than none
        let _ = std::fs::rename(path, path.with_extension("log.1"));
    }
}

/// Opens `path` for appending, created with mode 0600.
pub(crate) fn append(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// The present UTC time with milliseconds, as in `2026-11-22T03:04:05.678Z`.
#[must_use]
pub fn timestamp() -> String {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::now_utc().format(form).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_per_event_without_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::open(folder.path(), "run", "7");
        log.redact_with(Redactor::new(["hunter2-hunter2".to_owned()]));
        log.info("started", "");
        log.error("failed", "said:\nhunter2-hunter2 at http://h/p?sig=1");
        let text = std::fs::read_to_string(log.path()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with("INFO  run seq=7 started"), "{text}");
        assert!(lines[1].ends_with(r"ERROR run seq=7 failed said:\n[redacted] at http://h/p?[redacted]"), "{text}");
    }

    #[test]
    fn a_large_log_is_moved_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        File::create(&path).unwrap().set_len(ROTATE_AT + 1).unwrap();
        Log::open(folder.path(), "run", "7").info("x", "");
        assert!(folder.path().join("handler.log.1").is_file());
        assert!(std::fs::metadata(&path).unwrap().len() < 200);
    }
}
