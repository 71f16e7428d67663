//! What the worker and the observer share.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent_protocol::status::GoalStateStatus;
use agent_protocol::{FormattedMessage, StepName, StepPhase};
use tokio::sync::watch;

use super::Snapshot;
use crate::handler::command::Ticket;
use crate::handler::options::Options;
use crate::handler::package::remove;
use crate::handler::places::{Places, private_folder};
use crate::handler::record::Record;
use crate::handler::report::{Reporter, now};
use crate::handler::runs::{Ending, Runs, run_key};
use crate::handler::seen::SeenFiles;
use crate::handler::source::PackageSource;
use crate::handler::store::Store;
use crate::journal::Journals;

pub struct Shared {
    pub places: Places,
    pub options: Options,
    pub source: Arc<dyn PackageSource>,
    pub store: Store,
    pub seen: SeenFiles,
    pub runs: Runs,
    last: Mutex<Snapshot>,
    changes: watch::Sender<u64>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("places", &self.places).field("store", &self.store).finish_non_exhaustive()
    }
}

impl Shared {
    pub fn open(
        places: Places,
        source: Arc<dyn PackageSource>,
        journals: Journals,
        options: Options,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(&places.library)?;
        std::fs::create_dir_all(&places.logs)?;
        private_folder(&places.state)?;
        private_folder(&places.packages())?;
        clear(&places.packages())?;
        let store = Store::open(&places)?;
        let shared = Self {
            places,
            options,
            source,
            store,
            seen: SeenFiles::default(),
            runs: Runs::new(journals),
            last: Mutex::default(),
            changes: watch::Sender::new(0),
        };
        Ok(shared)
    }

    pub fn reporter(&self) -> Reporter<'_> {
        Reporter { places: &self.places, limits: &self.options.limits, seen: &self.seen }
    }

    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = self.make();
        let moment = now();
        if let Some(goal_state) = &mut snapshot.goal_state {
            goal_state.timestamp_utc.clone_from(&moment);
        }
        let settings = snapshot.handlers.iter_mut().filter_map(|handler| handler.runtime_settings_status.as_mut());
        for status in settings.filter_map(|settings| settings.settings_status.as_mut()) {
            if status.timestamp_utc.is_empty() {
                status.timestamp_utc.clone_from(&moment);
            }
        }
        snapshot
    }

    /// Without moments, so that two of them can be compared.
    fn make(&self) -> Snapshot {
        let reporter = self.reporter();
        let handlers = self.store.all().iter().flat_map(|record| reporter.handler(record)).collect();
        let progress = self.store.progress();
        let goal_state = progress.accepted.map(|incarnation| match &progress.refused {
            None => GoalStateStatus {
                formatted_message: FormattedMessage::english("GoalState executed successfully"),
                in_svd_seq_no: incarnation.to_string(),
                status: "Success".to_owned(),
                code: 0,
                ..GoalStateStatus::default()
            },
            Some(failure) => GoalStateStatus {
                formatted_message: FormattedMessage::english(failure.message.clone()),
                in_svd_seq_no: incarnation.to_string(),
                status: "Failed".to_owned(),
                code: failure.code,
                ..GoalStateStatus::default()
            },
        });
        Snapshot { goal_state, handlers, settled: progress.complete }
    }

    /// Tells whoever listens, if there is anything new to report.
    pub fn publish(&self) {
        let snapshot = self.make();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if *last != snapshot {
            *last = snapshot;
            self.changes.send_modify(|number| *number += 1);
        }
    }

    pub fn ticket_folder(&self, handler: &str, number: u64) -> std::path::PathBuf {
        self.places.tickets(handler).join(number.to_string())
    }

    /// Looks at the files of an instance whose command just ended, so that the report is right at once.
    pub fn look(&self, record: &Record) {
        let Some(current) = record.current() else { return };
        let home = self.places.home(&record.handler, current);
        for (key, known) in record.extensions.iter().filter(|(_, known)| known.has_settings) {
            self.seen.look_at_status(&home.status_file(key, known.sequence));
        }
    }

    /// Ends the runs whose last step is over: enable returned, and the status is final or not to be expected.
    pub async fn settle(&self) {
        for record in self.store.all() {
            for (key, known) in &record.extensions {
                let Some(run) = known.run.as_ref().filter(|run| run.enable_returned && !known.due) else { continue };
                let (phase, detail) = if !known.has_settings {
                    (StepPhase::Done, None)
                } else if let Some(status) = self.reporter().terminal(&record, key) {
                    let good = status.status == agent_protocol::StatusLevel::Success;
                    let phase = if good { StepPhase::Done } else { StepPhase::Failed };
                    (phase, first_line(&status.formatted_message.message))
                } else {
                    continue;
                };
                let took = run.enable_started.map_or(Duration::ZERO, since);
                self.close_run(&record, key, Some((StepName::Enabled, phase, took, detail)), None).await;
            }
        }
    }

    /// Ends the open run of an instance and takes it out of the record. Does nothing when that was done meanwhile.
    pub async fn close_run(
        &self,
        record: &Record,
        key: &str,
        step: Option<(StepName, StepPhase, Duration, Option<String>)>,
        note: Option<String>,
    ) {
        let Some(run) = run_key(record, key).filter(|run| self.runs.claim(run)) else { return };
        let record = self.store.get(&record.handler).filter(|record| run_key(record, key).as_ref() == Some(&run));
        if let Some(record) = record {
            self.runs.close(&self.places, &record, key, Ending { step, note }).await;
            let taken = self.store.update(&record.handler, |record| {
                if let Some(known) = record.extensions.get_mut(key) {
                    known.run = None;
                }
                record.clone()
            });
            match taken {
                Ok(record) => self.tidy(&record),
                Err(error) => tracing::error!(%error, handler = record.handler, "the end of a run is not kept"),
            }
        }
        self.runs.closed(&run);
    }

    /// Ends a run whose place in the record is already taken by another.
    pub async fn close_superseded(&self, before: &Record, key: &str, note: String) {
        let Some(run) = run_key(before, key).filter(|run| self.runs.claim(run)) else { return };
        self.runs.close(&self.places, before, key, Ending { step: None, note: Some(note) }).await;
        self.runs.closed(&run);
    }

    /// Deletes tickets that neither a running command nor an open run needs.
    pub fn tidy(&self, record: &Record) {
        let folder = self.places.tickets(&record.handler);
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let number: Option<u64> = entry.file_name().to_string_lossy().parse().ok();
            let needed = number.is_some_and(|number| {
                // A higher number was given out after this copy of the record was made.
                number > record.tickets
                    || record.inflight.as_ref().is_some_and(|inflight| inflight.ticket == number)
                    || record.extensions.values().flat_map(|known| &known.run).any(|run| run.tickets.contains(&number))
            });
            if !needed && let Err(error) = remove(&entry.path()) {
                tracing::warn!(%error, path = %entry.path().display(), "a command's folder can not be deleted");
            }
        }
    }

    pub fn ticket(&self, handler: &str, number: u64) -> Ticket {
        Ticket::at(self.ticket_folder(handler, number))
    }
}

/// Deletes downloads and half unpacked packages of an earlier life. Directories that were moved aside (`.old`) stay: the
/// next unpacking of that version puts them back.
fn clear(packages: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(packages)?.flatten() {
        let path = entry.path();
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("old") => {}
            Some("new") => remove(&path)?,
            _ => std::fs::remove_file(&path)?,
        }
    }
    Ok(())
}

/// The time since a moment in Unix milliseconds; zero when the clock went back.
pub fn since(started: i64) -> Duration {
    Duration::from_millis(u64::try_from(unix_ms() - started).unwrap_or_default())
}

/// Now, in Unix milliseconds.
pub fn unix_ms() -> i64 {
    crate::clock::now().unix_ms()
}

/// The first line of a message, short enough for a step's detail, without the colon that announces the others.
pub fn first_line(message: &str) -> Option<String> {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty())?.trim_end_matches(':');
    Some(line[..line.floor_char_boundary(300)].to_owned())
}
