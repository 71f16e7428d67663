//! Making goal states true: one worker that runs commands one at a time, one observer that watches what handlers write.
//!
//! ```text
//! transport ──apply──► worker ──begin, next──► step ──► command (own session, ticket on disk)
//!     ▲                  │  ▲                              │
//!     │                  │  └───────────after──────────────┘
//!     │                  ▼ records                         status/*.status, heartbeat.log
//!     └─changes, snapshot── report ◄── seen files ◄── observer ◄──inotify──┘
//! ```
//!
//! A newer goal state takes effect between two commands, never in the middle of one. Dropping the supervisor stops both
//! tasks and leaves a running command alone; the next supervisor on the same places waits for it.

mod absorb;
mod complete;
mod execute;
mod fetch;
mod inotify;
mod instance_files;
mod levels;
mod observer;
mod process;
mod shared;
mod state_files;
mod unit;

use std::io;
use std::sync::Arc;

use agent_protocol::HandlerStatus;
use agent_protocol::status::GoalStateStatus;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::options::Options;
use super::places::Places;
use super::source::PackageSource;
use super::store::Progress;
use super::wanted::Wanted;
use crate::journal::Journals;
use shared::Shared;

/// The handler life cycle of one machine.
#[derive(Debug)]
pub struct Supervisor {
    shared: Arc<Shared>,
    target: watch::Sender<Option<Arc<Wanted>>>,
    tasks: [JoinHandle<()>; 2],
}

/// What there is to report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// How far the agent is with goal states; `None` before the first one. `inSvdSeqNo` is set as soon as the goal
    /// state is taken up: results of earlier ones are no longer in the snapshot then.
    pub goal_state: Option<GoalStateStatus>,
    /// One element per handler, or per instance of a multi-config handler.
    pub handlers: Vec<HandlerStatus>,
    /// Every step of the goal state was taken; only statuses of detached work may still change.
    pub settled: bool,
}

impl Supervisor {
    /// Reads what an earlier life left, and starts. Must be called within a tokio runtime.
    ///
    /// Nothing runs before the first [`apply`](Self::apply), except that commands which are still running are waited
    /// for and their ends recorded.
    ///
    /// # Errors
    /// The places can not be made or read, or the system refuses inotify.
    pub fn start(
        places: Places,
        source: Arc<dyn PackageSource>,
        journals: Journals,
        options: Options,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::open(places, source, journals, options)?);
        let (target, wanted) = watch::channel(None);
        let observer = observer::Observer::new(Arc::clone(&shared))?;
        let tasks = [tokio::spawn(process::work(Arc::clone(&shared), wanted)), tokio::spawn(observer.observe())];
        Ok(Self { shared, target, tasks })
    }

    /// Hands over a goal state and returns at once. One with the number of the last one is ignored, since a failed
    /// extension is tried again only for a new number or by a new life of the agent.
    pub fn apply(&self, wanted: Wanted) {
        self.target.send_if_modified(|last| {
            let newer = last.as_ref().is_none_or(|last| **last != wanted && differs(last, &wanted));
            if newer {
                *last = Some(Arc::new(wanted));
            }
            newer
        });
    }

    /// Everything that is to be reported now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.shared.snapshot()
    }

    /// Changes its number whenever the snapshot changes.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes()
    }

    /// How far the last life got; before the first `apply` this tells which goal state the records are about.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.shared.store.progress()
    }
}

/// The number decides, except that a hold may be lifted under the same number.
fn differs(last: &Wanted, new: &Wanted) -> bool {
    last.incarnation != new.incarnation || last.verdict != new.verdict
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
