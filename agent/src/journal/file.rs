//! One run's file: a snapshot line, then one line per record. Every line is written with one call, and a torn last
//! line (the machine lost power) is cut off when the file is read again.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use agent_protocol::{Entry, Record, RunKey, Step, StepName, StepPhase, Timestamp};
use serde::{Deserialize, Serialize};

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk refuses.
    #[error("cannot {action} {path}: {source}; check the disk's space and rights")]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// How far an output file has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Which file: another one under the same name starts at 0.
    pub(super) inode: u64,
    /// Everything before this byte is in the journal.
    pub(super) to: u64,
}

/// Positions by path.
pub(super) type Positions = BTreeMap<PathBuf, Position>;

/// Everything but the records themselves: the first line of the file, and what is known after its last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Snapshot {
    #[serde(flatten)]
    pub(super) key: RunKey,
    /// Number of the first record in the file.
    pub(super) base: u64,
    /// Bytes of output text so far.
    pub(super) bytes: u64,
    /// Lines of output so far.
    pub(super) lines: u64,
    pub(super) capped: bool,
    pub(super) over: bool,
    pub(super) positions: Positions,
    pub(super) phases: BTreeMap<String, StepPhase>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum DiskLine {
    Run(Snapshot),
    #[serde(untagged)]
    Record {
        record: Record,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<(PathBuf, Position)>,
    },
    #[serde(untagged)]
    Over {
        over: bool,
        positions: Positions,
    },
}

/// A run's file, open.
pub(super) struct JournalFile {
    path: PathBuf,
    file: File,
    length: u64,
    /// Where each record begins, from `base` on.
    starts: Vec<u64>,
    pub(super) state: Snapshot,
    /// Everything below is at the server.
    pub(super) acknowledged: u64,
    /// Lines dropped behind the cap since the run was (re)opened.
    pub(super) dropped: u64,
}

/// What is to be written: the entry, and where in which output file it came from.
pub(super) type Draft = (Entry, Option<(PathBuf, Position)>);

impl JournalFile {
    /// Begins a file for a run.
    pub(super) fn create(path: PathBuf, key: RunKey) -> Result<Self, JournalError> {
        let state = Snapshot {
            key,
            base: 0,
            bytes: 0,
            lines: 0,
            capped: false,
            over: false,
            positions: Positions::new(),
            phases: BTreeMap::new(),
        };
        Self::rewrite(path, state)
    }

    /// Reads what a former life left. `None`: there is nothing in it that counts.
    pub(super) fn open(path: PathBuf) -> Result<Option<Self>, JournalError> {
        let error = |source| JournalError::Io { action: "read", path: path.clone(), source };
        let file = OpenOptions::new().read(true).append(true).open(&path).map_err(error)?;
        let mut reader = BufReader::new(&file);
        let (mut line, mut at, mut this) = (Vec::new(), 0u64, None::<(Snapshot, Vec<u64>)>);
        loop {
            line.clear();
            let count = reader.read_until(b'\n', &mut line).map_err(error)?;
            if line.last() != Some(&b'\n') {
                break;
            }
            match (serde_json::from_slice(&line), &mut this) {
                (Ok(DiskLine::Run(snapshot)), None) => this = Some((snapshot, Vec::new())),
                (Ok(DiskLine::Record { record, from }), Some((state, starts)))
                    if record.n == state.base + starts.len() as u64 =>
                {
                    starts.push(at);
                    state.absorb(&record.entry, from);
                }
                (Ok(DiskLine::Over { over, positions }), Some((state, _))) => {
                    state.over = over;
                    state.positions.extend(positions);
                }
                _ => break,
            }
            at += count as u64;
        }
        let Some((state, starts)) = this else { return Ok(None) };
        file.set_len(at).map_err(error)?;
        let acknowledged = state.base;
        Ok(Some(Self { path, file, length: at, starts, state, acknowledged, dropped: 0 }))
    }

    /// Number of the next record.
    pub(super) fn next(&self) -> u64 {
        self.state.base + self.starts.len() as u64
    }

    /// Numbers the drafts and writes them with one call.
    pub(super) fn append(&mut self, at: Timestamp, drafts: Vec<Draft>) -> Result<(), JournalError> {
        let (mut bytes, mut starts, mut absorbed) = (Vec::new(), Vec::new(), Vec::new());
        for (entry, from) in drafts {
            starts.push(self.length + bytes.len() as u64);
            let record = Record { n: self.next() + absorbed.len() as u64, at, entry };
            let line = DiskLine::Record { record, from };
            push_line(&mut bytes, &line);
            if let DiskLine::Record { record, from } = line {
                absorbed.push((record.entry, from));
            }
        }
        self.write(&bytes)?;
        self.starts.extend(starts);
        for (entry, from) in absorbed {
            self.state.absorb(&entry, from);
        }
        Ok(())
    }

    /// Marks the run over, or open again; `positions` covers what was read without leaving a record.
    pub(super) fn set_over(&mut self, over: bool, positions: Positions) -> Result<(), JournalError> {
        let mut bytes = Vec::new();
        push_line(&mut bytes, &DiskLine::Over { over, positions: positions.clone() });
        self.write(&bytes)?;
        self.state.over = over;
        self.state.positions.extend(positions);
        Ok(())
    }

    /// The records that the server does not have, at most about `budget` bytes of them (at least one).
    pub(super) fn pending(&self, budget: usize) -> Result<Vec<Record>, JournalError> {
        let first = usize::try_from(self.acknowledged.saturating_sub(self.state.base)).unwrap_or(usize::MAX);
        let mut records = Vec::new();
        let mut used = 0;
        for (number, start) in self.starts.iter().enumerate().skip(first) {
            let end = self.starts.get(number + 1).copied().unwrap_or(self.length);
            let size = usize::try_from(end - start).unwrap_or(usize::MAX);
            if used > 0 && used + size > budget {
                break;
            }
            used += size;
            let mut bytes = vec![0; size];
            self.file.read_exact_at(&mut bytes, *start).map_err(|source| self.error("read", source))?;
            // an `over` line may follow the record
            let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
            if let Ok(DiskLine::Record { record, .. }) = serde_json::from_slice(line) {
                records.push(record);
            }
        }
        Ok(records)
    }

    /// Takes the server's word for what it has.
    pub(super) fn acknowledge(&mut self, next: u64) -> Result<(), JournalError> {
        if next > self.next() {
            // the server has records that this disk lost: go on behind them
            self.state.base = next;
            *self = Self::rewrite(self.path.clone(), self.state.clone())?;
        } else if next < self.state.base {
            tracing::error!(run = ?self.state.key, next, "the server wants records that are gone here; it keeps what it has");
            self.acknowledged = self.next();
        } else {
            self.acknowledged = next;
        }
        Ok(())
    }

    /// Whether nothing is left to say.
    pub(super) fn settled(&self) -> bool {
        self.state.over && self.acknowledged == self.next()
    }

    /// Drops the records of a settled run and keeps where it stopped.
    pub(super) fn shrink(&mut self) -> Result<(), JournalError> {
        if !self.starts.is_empty() {
            self.state.base = self.next();
            *self = Self::rewrite(self.path.clone(), self.state.clone())?;
        }
        Ok(())
    }

    /// Deletes the file.
    pub(super) fn delete(&self) -> Result<(), JournalError> {
        match std::fs::remove_file(&self.path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(self.error("delete", source)),
            _ => Ok(()),
        }
    }

    fn rewrite(path: PathBuf, state: Snapshot) -> Result<Self, JournalError> {
        let error = |source| JournalError::Io { action: "write", path: path.clone(), source };
        let mut bytes = Vec::new();
        push_line(&mut bytes, &DiskLine::Run(state.clone()));
        let temporary = path.with_extension("new");
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true).mode(0o600);
        let open = |path: &Path| options.open(path);
        let mut file = open(&temporary).map_err(error)?;
        file.set_len(0).map_err(error)?;
        file.write_all(&bytes).map_err(error)?;
        std::fs::rename(&temporary, &path).map_err(error)?;
        let acknowledged = state.base;
        Ok(Self { path, file, length: bytes.len() as u64, starts: Vec::new(), state, acknowledged, dropped: 0 })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        if let Err(source) = self.file.write_all(bytes) {
            // half a line must not stay in front of the next one
            let _ = self.file.set_len(self.length);
            return Err(self.error("write", source));
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn error(&self, action: &'static str, source: io::Error) -> JournalError {
        JournalError::Io { action, path: self.path.clone(), source }
    }
}

impl Snapshot {
    fn absorb(&mut self, entry: &Entry, from: Option<(PathBuf, Position)>) {
        match entry {
            Entry::Line(line) if line.stream != agent_protocol::Stream::Agent => {
                self.lines += 1;
                self.bytes += line.text.len() as u64;
            }
            Entry::Step(Step { name, phase, .. }) => {
                self.phases.insert(word(*name), *phase);
            }
            Entry::Capped { .. } => self.capped = true,
            Entry::Line(_) | Entry::Dropped { .. } => {}
        }
        self.positions.extend(from);
    }
}

/// A step's name as a map key.
pub(super) fn word(name: StepName) -> String {
    format!("{name:?}")
}

fn push_line(bytes: &mut Vec<u8>, line: &DiskLine) {
    bytes.extend(agent_protocol::json::render(line));
    bytes.push(b'\n');
}
