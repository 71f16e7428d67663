//! Watches status files and heartbeats, so that the report changes when they do.
//!
//! Nothing is polled: a file is looked at when inotify says so, when it becomes of interest, and when the passing of
//! time alone changes what it means (broken for too long, heartbeat too old).

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::inotify::{Event, Inotify};
use super::shared::Shared;
use crate::handler::report::heartbeat_home;

pub struct Observer {
    shared: Arc<Shared>,
    inotify: Inotify,
    statuses: BTreeSet<PathBuf>,
    beats: BTreeSet<PathBuf>,
}

impl Observer {
    pub fn new(shared: Arc<Shared>) -> io::Result<Self> {
        Ok(Self { shared, inotify: Inotify::new()?, statuses: BTreeSet::new(), beats: BTreeSet::new() })
    }

    pub async fn observe(mut self) {
        loop {
            self.choose();
            self.shared.publish();
            self.shared.settle().await;
            let wake = self.next_deadline();
            let shared = Arc::clone(&self.shared);
            tokio::select! {
                () = shared.store.changed() => {}
                events = self.inotify.events() => match events {
                    Ok(events) => self.look(&events),
                    Err(error) => {
                        tracing::error!(%error, "inotify failed; status changes are seen late");
                        tokio::time::sleep(Duration::from_secs(1)).await;
                        self.look(&[Event::Lost]);
                    }
                },
                () = sleep_until(wake) => {}
            }
        }
    }

    /// Decides which files are of interest now, and looks at those that were not before.
    fn choose(&mut self) {
        let (mut statuses, mut beats) = (BTreeSet::new(), BTreeSet::new());
        for record in self.shared.store.all() {
            let Some(current) = record.current() else { continue };
            let home = self.shared.places.home(&record.handler, current);
            let with_settings = record.extensions.iter().filter(|(_, known)| known.has_settings);
            statuses.extend(with_settings.map(|(key, known)| home.status_file(key, known.sequence)));
            beats.extend(heartbeat_home(&record, &self.shared.places));
        }
        let mut folders: Vec<PathBuf> =
            statuses.iter().chain(&beats).filter_map(|path| path.parent().map(PathBuf::from)).collect();
        folders.sort_unstable();
        folders.dedup();
        // First watch, then look: what is written in between is seen twice, not missed.
        let fresh = self.inotify.watch(&folders);
        let is_fresh = |path: &PathBuf| path.parent().is_some_and(|folder| fresh.iter().any(|new| new == folder));
        for path in &statuses {
            if is_fresh(path) || !self.statuses.contains(path) {
                self.shared.seen.look_at_status(path);
            }
        }
        for path in &beats {
            if is_fresh(path) || !self.beats.contains(path) {
                self.shared.seen.look_at_beat(path);
            }
        }
        if statuses != self.statuses || beats != self.beats {
            (self.statuses, self.beats) = (statuses, beats);
            self.shared.seen.retain(|path| self.statuses.contains(path) || self.beats.contains(path));
        }
    }

    fn look(&self, events: &[Event]) {
        if events.contains(&Event::Lost) {
            self.statuses.iter().for_each(|path| self.shared.seen.look_at_status(path));
            self.beats.iter().for_each(|path| self.shared.seen.look_at_beat(path));
            return;
        }
        for event in events {
            if let Event::File(path) = event {
                if self.statuses.contains(path) {
                    self.shared.seen.look_at_status(path);
                } else if self.beats.contains(path) {
                    self.shared.seen.look_at_beat(path);
                }
            }
        }
    }

    /// When time alone changes the report next.
    fn next_deadline(&self) -> Option<Instant> {
        let limits = &self.shared.options.limits;
        let now = Instant::now();
        let seen = &self.shared.seen;
        let grace = |since: Instant| Some(since + limits.grace).filter(|at| *at > now);
        let statuses = self.statuses.iter().filter_map(|path| grace(seen.status(path)?.broken?.0));
        let beats = self.beats.iter().filter_map(|path| {
            let beat = seen.beat(path)?;
            let broken = beat.broken.as_ref().and_then(|(since, _)| grace(*since));
            let missing = beat.modified.is_none().then_some(beat.since).and_then(grace);
            let age = beat.modified.map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
            let stale = age.and_then(|age| limits.heartbeat.checked_sub(age)).map(|left| now + left + MOMENT);
            [broken, missing, stale].into_iter().flatten().min()
        });
        statuses.chain(beats).min()
    }
}

/// Past the deadline, not at it.
const MOMENT: Duration = Duration::from_millis(5);

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until((at + MOMENT).into()).await,
        None => std::future::pending().await,
    }
}
