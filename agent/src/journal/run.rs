//! One run: steps and lines go in, numbered records are on disk when the call returns.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use agent_protocol::records::{MAX_LINE_BYTES, MAX_RUN_BYTES, MAX_RUN_LINES};
use agent_protocol::{Entry, Line, RunKey, RunRecords, Step, StepName, StepPhase, Stream};
use tokio::sync::Notify;

use super::file::{Draft, JournalError, JournalFile, Position, Positions, word};
use super::lines::Piece;
use super::tail::{Control, Tail, Watcher};
use crate::clock;

/// The journal of one run. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Run(pub(super) Arc<RunInner>);

pub(super) struct RunInner {
    file: Mutex<JournalFile>,
    tails: Mutex<Vec<Arc<Control>>>,
    changed: Arc<Notify>,
    pub(super) watcher: Arc<Watcher>,
}

impl Run {
    /// Which run this is.
    #[must_use]
    pub fn key(&self) -> RunKey {
        self.0.file().state.key.clone()
    }

    /// A step began, ended or was not needed.
    pub fn step(&self, name: StepName, phase: StepPhase, duration: Option<Duration>, detail: Option<String>) {
        let duration_ms = duration.map(|duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        self.0.write(Entry::Step(Step { name, phase, duration_ms, detail }));
    }

    /// A step began.
    pub fn started(&self, name: StepName) {
        self.step(name, StepPhase::Started, None, None);
    }

    /// A step ended, well or badly.
    pub fn ended(&self, name: StepName, phase: StepPhase, took: Duration, detail: Option<String>) {
        self.step(name, phase, Some(took), detail);
    }

    /// A step was not needed.
    pub fn skipped(&self, name: StepName, why: &str) {
        self.step(name, StepPhase::Skipped, None, Some(why.to_owned()));
    }

    /// The agent's own remark: one record per line of the text.
    pub fn note(&self, text: &str) {
        for line in text.lines() {
            let line = &line[..line.floor_char_boundary(MAX_LINE_BYTES)];
            self.0.write(Entry::Line(Line { stream: Stream::Agent, text: line.to_owned(), partial: false }));
        }
    }

    /// A line of output that is in no file. Counts towards the cap.
    pub fn line(&self, stream: Stream, text: &str) {
        let text = text[..text.floor_char_boundary(MAX_LINE_BYTES)].to_owned();
        let bytes = text.len() as u64;
        if let Err(error) = self.0.output(stream, vec![Piece { text, partial: false, bytes }], None) {
            tracing::error!(%error, "a line is lost");
        }
    }

    /// How a step stood last, also in a former life; `None`: it never began.
    #[must_use]
    pub fn phase(&self, name: StepName) -> Option<StepPhase> {
        self.0.file().state.phases.get(&word(name)).copied()
    }

    /// Follows an output file from where the journal stopped reading it: complete lines become records at once, the
    /// beginning of a line after 200 ms. The file need not exist yet; its folder must. Following the same file twice
    /// gives the same tail. Goes on until the tail or the run is finished, also when the handle is dropped.
    ///
    /// Must be called within a tokio runtime.
    #[must_use = "finish the tail, or the run, to be sure that everything was read"]
    pub fn tail(&self, stream: Stream, path: &Path) -> Tail {
        let mut tails = self.0.tails();
        tails.retain(|control| !control.is_done());
        if let Some(control) = tails.iter().find(|control| control.path == path) {
            return Tail(Arc::clone(control));
        }
        let control = Control::start(Arc::clone(&self.0), stream, path.to_owned());
        tails.push(Arc::clone(&control));
        Tail(control)
    }

    /// Reads every followed file to its end, writes how many lines were dropped, and marks the run over. Does nothing
    /// on a run that is over.
    pub async fn finish(&self) {
        let controls = std::mem::take(&mut *self.0.tails());
        let mut positions = Positions::new();
        for control in controls {
            control.finish().await;
            positions.extend(control.position().map(|position| (control.path.clone(), position)));
        }
        self.0.close(positions);
    }

    /// Whether the run is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0.is_over()
    }
}

impl RunInner {
    pub(super) fn new(file: JournalFile, changed: Arc<Notify>, watcher: Arc<Watcher>) -> Self {
        Self { file: Mutex::new(file), tails: Mutex::default(), changed, watcher }
    }

    pub(super) fn is_over(&self) -> bool {
        self.file().state.over
    }

    pub(super) fn reopen(&self) -> Result<(), JournalError> {
        let mut file = self.file();
        if file.state.over { file.set_over(false, Positions::new()) } else { Ok(()) }
    }

    pub(super) fn pending(&self, budget: usize) -> Result<(RunRecords, usize), JournalError> {
        let file = self.file();
        let records = file.pending(budget)?;
        let size = agent_protocol::json::render(&records).len();
        Ok((RunRecords { key: file.state.key.clone(), records }, size))
    }

    pub(super) fn acknowledge(&self, next: u64) -> Result<(), JournalError> {
        let mut file = self.file();
        file.acknowledge(next)?;
        if file.settled() { file.shrink() } else { Ok(()) }
    }

    pub(super) fn delete_if_settled(&self) -> bool {
        let file = self.file();
        file.settled() && file.delete().map_err(|error| tracing::error!(%error, "a journal stays")).is_ok()
    }

    /// Where reading of an output file stopped.
    pub(super) fn position(&self, path: &Path) -> Option<Position> {
        self.file().state.positions.get(path).cloned()
    }

    /// Writes output, or counts it when the cap is passed. `from` is the position before the first piece.
    pub(super) fn output(
        &self,
        stream: Stream,
        pieces: Vec<Piece>,
        from: Option<(PathBuf, Position)>,
    ) -> Result<(), JournalError> {
        let mut file = self.file();
        let (mut lines, mut bytes, mut capped) = (file.state.lines, file.state.bytes, file.state.capped);
        let (mut drafts, mut dropped, mut from) = (Vec::<Draft>::new(), 0, from);
        for Piece { text, partial, bytes: consumed } in pieces {
            if let Some((_, position)) = &mut from {
                position.to += consumed;
            }
            if !capped && (lines >= MAX_RUN_LINES || bytes + text.len() as u64 > MAX_RUN_BYTES) {
                capped = true;
                drafts.push((Entry::Capped { max_bytes: MAX_RUN_BYTES }, None));
            }
            if capped {
                dropped += u64::from(!partial);
                continue;
            }
            lines += 1;
            bytes += text.len() as u64;
            drafts.push((Entry::Line(Line { stream, text, partial }), from.clone()));
        }
        if !drafts.is_empty() {
            file.append(clock::now(), drafts)?;
            self.changed.notify_one();
        }
        file.dropped += dropped;
        Ok(())
    }

    fn write(&self, entry: Entry) {
        match self.file().append(clock::now(), vec![(entry, None)]) {
            Ok(()) => self.changed.notify_one(),
            Err(error) => tracing::error!(%error, "a record is lost"),
        }
    }

    fn close(&self, positions: Positions) {
        let mut file = self.file();
        if file.state.over {
            return;
        }
        let dropped = std::mem::take(&mut file.dropped);
        let last = if dropped > 0 {
            file.append(clock::now(), vec![(Entry::Dropped { lines: dropped }, None)])
        } else {
            Ok(())
        };
        if let Err(error) = last.and_then(|()| file.set_over(true, positions)) {
            tracing::error!(%error, "the end of a run is not in its journal");
        }
        if file.settled()
            && let Err(error) = file.shrink()
        {
            tracing::error!(%error, "the journal is not shrunk");
        }
        self.changed.notify_one();
    }

    fn file(&self) -> MutexGuard<'_, JournalFile> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tails(&self) -> MutexGuard<'_, Vec<Arc<Control>>> {
        self.tails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
