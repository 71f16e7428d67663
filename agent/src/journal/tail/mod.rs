//! Following one output file.
//!
//! ```text
//!            bytes + newline ─► record (at once)
//! reading ──┤ bytes, no newline ─► 200 ms ─► record marked partial
//!            end of file ─► wait for the folder's next event
//! finish ─► read to the end, flush, stop
//! ```

mod follow;
mod watcher;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use agent_protocol::Stream;
use tokio::sync::watch;

use super::file::Position;
use super::run::RunInner;

pub(super) use watcher::Watcher;

/// A file being followed.
pub struct Tail(pub(super) Arc<Control>);

impl Tail {
    /// Reads to the end of the file as it is now, writes what is there, and stops following.
    pub async fn finish(self) {
        self.0.finish().await;
    }
}

/// What the follower and its handles share.
pub(super) struct Control {
    pub(super) path: PathBuf,
    stop: watch::Sender<bool>,
    done: watch::Sender<bool>,
    position: Mutex<Option<Position>>,
}

impl Control {
    pub(super) fn start(run: Arc<RunInner>, stream: Stream, path: PathBuf) -> Arc<Self> {
        let position = Mutex::new(run.position(&path));
        let control =
            Arc::new(Self { path, stop: watch::Sender::new(false), done: watch::Sender::new(false), position });
        tokio::spawn(follow::follow(Arc::clone(&control), run, stream));
        control
    }

    pub(super) async fn finish(&self) {
        self.stop.send_replace(true);
        // the sender lives in self, so waiting cannot fail
        let _ = self.done.subscribe().wait_for(|done| *done).await;
    }

    pub(super) fn is_done(&self) -> bool {
        *self.done.borrow()
    }

    /// How far the file was read, dropped lines included.
    pub(super) fn position(&self) -> Option<Position> {
        self.position.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_position(&self, position: Position) {
        *self.position.lock().unwrap_or_else(PoisonError::into_inner) = Some(position);
    }
}
