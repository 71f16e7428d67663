//! Writing and reading `<seq>.status`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use agent_protocol::{ExtensionStatus, FormattedMessage, StatusFile as Document, Substatus};

use crate::atomic::{self, Durability};
use crate::environment::Environment;
use crate::sequence::Sequence;
use crate::status::{Level, Status};

/// Agents cut files above 128 KiB themselves and badly; ours stay below.
const MAX_BYTES: usize = 120 * 1024;
/// What the main text is cut to when the file would be too large.
const SHORT_MESSAGE: usize = 1024;
/// What a part's text is cut to then.
const SHORT_PART: usize = 8 * 1024;

/// The status file of one sequence number.
#[derive(Debug, Clone)]
pub struct StatusFile {
    path: PathBuf,
    name: String,
    applied_at: String,
}

impl StatusFile {
    /// The file of `sequence`; `short_name` is the handler's type, as shown to people.
    #[must_use]
    pub fn new(environment: &Environment, sequence: &Sequence, short_name: &str) -> Self {
        let path = sequence.file(&environment.status_folder, "status");
        Self { path, name: short_name.to_owned(), applied_at: now() }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the file by `status`. Texts are shortened when the file would exceed what agents accept.
    ///
    /// # Errors
    /// When the folder is gone, read-only or full; the former content stays then.
    pub fn write(&self, status: &Status) -> io::Result<()> {
        let mut bytes = self.render(status);
        if bytes.len() > MAX_BYTES {
            let mut short = status.clone();
            short.message = tail(&short.message, SHORT_MESSAGE).to_owned();
            short.parts.iter_mut().for_each(|part| part.message = tail(&part.message, SHORT_PART).to_owned());
            bytes = self.render(&short);
            // control characters grow sixfold in JSON, so even short texts may be too long
            while bytes.len() > MAX_BYTES && short.parts.iter().any(|part| !part.message.is_empty()) {
                short
                    .parts
                    .iter_mut()
                    .for_each(|part| part.message = tail(&part.message, part.message.len() / 2).to_owned());
                bytes = self.render(&short);
            }
        }
        atomic::write(&self.path, &bytes, 0o600, Durability::Ordinary)
    }

    /// The level that the file states now; `None` when it is absent or not a status.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        let document = Document::parse(&fs::read(&self.path).ok()?).ok()?;
        Some(document.0.status.status)
    }

    /// The text that the file states now; `None` when it is absent or not a status.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        let document = Document::parse(&fs::read(&self.path).ok()?).ok()?;
        Some(document.0.status.formatted_message.message)
    }

    fn render(&self, status: &Status) -> Vec<u8> {
        let part = |part: &super::Substatus| Substatus {
            name: part.name.clone(),
            status: part.level,
            code: part.code,
            formatted_message: FormattedMessage::english(part.message.as_str()),
        };
        let status = ExtensionStatus {
            name: Some(self.name.clone()),
            operation: Some("Enable".to_owned()),
            configuration_applied_time: Some(self.applied_at.clone()),
            status: status.level,
            code: status.code,
            formatted_message: FormattedMessage::english(status.message.as_str()),
            substatus: status.parts.iter().map(part).collect(),
        };
        Document::new(now(), status).render()
    }
}

/// The end of `text`, at most `bytes` long, cut at a character.
fn tail(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// Seconds are what the field's agents parse.
fn now() -> String {
    let form = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    time::OffsetDateTime::now_utc().format(form).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Substatus;
    use serde_json::Value;

    fn file(folder: &Path) -> StatusFile {
        StatusFile { path: folder.join("3.status"), name: "Test".into(), applied_at: now() }
    }

    #[test]
    fn has_the_form_that_agents_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        assert_eq!(file.level(), None);
        let status = Status::new(Level::Error, 2, "Enable failed: exit code 3")
            .with_parts(vec![Substatus::new("ExitCode", Level::Error, "3").with_code(3)]);
        file.write(&status).unwrap();
        assert_eq!(file.level(), Some(Level::Error));
        let document: Value = serde_json::from_slice(&fs::read(file.path()).unwrap()).unwrap();
        let inner = &document[0]["status"];
        assert_eq!(inner["operation"], "Enable");
        assert_eq!(inner["code"], 2);
        assert_eq!(inner["substatus"][0]["formattedMessage"]["message"], "3");
        assert_eq!(document[0]["timestampUTC"].as_str().unwrap().len(), "2026-11-22T00:52:28Z".len());
    }

    #[test]
    fn stays_below_what_agents_accept() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        let nasty = "\u{1}".repeat(200_000);
        let parts = vec![
            Substatus::new("StdOut", Level::Success, nasty.clone()),
            Substatus::new("StdErr", Level::Success, nasty.clone()),
        ];
        file.write(&Status::new(Level::Success, 0, nasty).with_parts(parts)).unwrap();
        assert!(fs::metadata(file.path()).unwrap().len() <= MAX_BYTES as u64);
        assert_eq!(file.level(), Some(Level::Success));
    }

    #[test]
    fn a_broken_file_has_no_level() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        for text in ["", "[]", "{", "[{\"status\":7}]"] {
            fs::write(file.path(), text).unwrap();
            assert_eq!(file.level(), None);
        }
    }

    #[test]
    fn tails_are_cut_at_characters() {
        assert_eq!(tail("aä", 2), "ä");
        assert_eq!(tail("aä", 1), "");
        assert_eq!(tail("ab", 9), "ab");
    }
}
