//! The journals of runs, as the life cycle uses them.
//!
//! Which runs are open is a fact of the record ([`OpenRun`](super::record::OpenRun)), not of this module: it only
//! opens journals for those, follows their output files, and closes each once.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use agent_protocol::{RunKey, StepName, StepPhase, Stream};

use super::command::Ticket;
use super::places::Places;
use super::record::Record;
use crate::journal::{Journals, Run};

/// Opens, follows and closes.
pub struct Runs {
    journals: Journals,
    closing: Mutex<HashSet<RunKey>>,
}

/// How a run ends.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The last step; none when its end is recorded already.
    pub step: Option<(StepName, StepPhase, Duration, Option<String>)>,
    /// A last remark.
    pub note: Option<String>,
}

impl Runs {
    /// Runs kept in these journals.
    #[must_use]
    pub fn new(journals: Journals) -> Self {
        Self { journals, closing: Mutex::default() }
    }

    /// The journal of a run that is open; `None` when it can not be kept, and the life cycle goes on without it.
    #[must_use]
    pub fn get(&self, key: &RunKey) -> Option<Run> {
        self.journals.run(key).map_err(|error| tracing::error!(%error, "a run is not recorded")).ok()
    }

    /// The journal of an instance's open run.
    #[must_use]
    pub fn of(&self, record: &Record, extension: &str) -> Option<Run> {
        self.get(&run_key(record, extension)?)
    }

    /// Follows everything that belongs to an instance's open run. Files that are followed already stay so.
    pub fn follow(&self, places: &Places, record: &Record, extension: &str) {
        let Some(run) = self.of(record, extension) else { return };
        for (stream, path) in output_files(places, record, extension) {
            if path.parent().is_some_and(std::path::Path::is_dir) {
                drop(run.tail(stream, &path)); // goes on until the run is closed
            }
        }
    }

    /// Claims the ending of a run; false when somebody else is at it. Release the claim with [`closed`](Self::closed).
    #[must_use]
    pub fn claim(&self, key: &RunKey) -> bool {
        self.closing().insert(key.clone())
    }

    /// Ends an instance's run, which must be claimed: first all of its output, then the ending. The caller takes the
    /// run out of the record afterwards.
    pub async fn close(&self, places: &Places, record: &Record, extension: &str, ending: Ending) {
        let Some(run) = self.of(record, extension) else { return };
        for (stream, path) in output_files(places, record, extension) {
            if path.parent().is_some_and(std::path::Path::is_dir) {
                run.tail(stream, &path).finish().await;
            }
        }
        if let Some(note) = ending.note {
            run.note(&note);
        }
        if let Some((step, phase, took, detail)) = ending.step {
            end_step(&run, step, phase, took, detail);
        }
        run.finish().await;
    }

    /// Ends what a former life left open although no record names it any more.
    pub async fn close_strays(&self, records: &[Record]) {
        let named: HashSet<RunKey> =
            records.iter().flat_map(|record| record.extensions.keys().filter_map(|key| run_key(record, key))).collect();
        for key in self.journals.open_runs().into_iter().filter(|key| !named.contains(key)) {
            if let Some(run) = self.get(&key) {
                run.note("the run was given up");
                run.finish().await;
            }
        }
    }

    /// The record no longer names the run.
    pub fn closed(&self, key: &RunKey) {
        self.closing().remove(key);
    }

    fn closing(&self) -> MutexGuard<'_, HashSet<RunKey>> {
        self.closing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells the end of a step, unless a former life did so already.
pub fn end_step(run: &Run, step: StepName, phase: StepPhase, took: Duration, detail: Option<String>) {
    if run.phase(step) == Some(StepPhase::Started) {
        run.ended(step, phase, took, detail);
    }
}

/// The key of an instance's open run.
#[must_use]
pub fn run_key(record: &Record, extension: &str) -> Option<RunKey> {
    let run = record.extensions.get(extension)?.run.as_ref()?;
    Some(RunKey { incarnation: run.incarnation, handler: record.handler.clone(), extension: run.extension.clone() })
}

/// The files whose lines belong to an instance's open run: those of its commands and those of its script.
fn output_files(places: &Places, record: &Record, extension: &str) -> Vec<(Stream, PathBuf)> {
    let Some(known) = record.extensions.get(extension) else { return Vec::new() };
    let mut files = Vec::new();
    for number in known.run.iter().flat_map(|run| &run.tickets) {
        let ticket = Ticket::at(places.tickets(&record.handler).join(number.to_string()));
        files.push((Stream::Stdout, ticket.stdout()));
        files.push((Stream::Stderr, ticket.stderr()));
    }
    let enabling = known.run.as_ref().is_some_and(|run| run.enable_started.is_some());
    if let Some(current) = record.current().filter(|_| enabling) {
        let home = places.home(&record.handler, current);
        files.push((Stream::Stdout, home.output_file(extension, known.sequence, "stdout")));
        files.push((Stream::Stderr, home.output_file(extension, known.sequence, "stderr")));
    }
    files
}

impl std::fmt::Debug for Runs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runs").field("closing", &*self.closing()).finish_non_exhaustive()
    }
}
