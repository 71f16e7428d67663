//! The follower's loop.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::Arc;
use std::time::Duration;

use agent_protocol::Stream;
use tokio::time::{Instant, sleep_until};

use super::Control;
use crate::journal::file::Position;
use crate::journal::lines::Splitter;
use crate::journal::run::RunInner;

const PARTIAL_AFTER: Duration = Duration::from_millis(200);
/// For file systems that tell nothing, and for refused writes.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(1);
const CHUNK: usize = 64 * 1024;

struct Follower {
    control: Arc<Control>,
    run: Arc<RunInner>,
    stream: Stream,
    splitter: Splitter,
    open: Option<(File, Position)>,
}

pub(super) async fn follow(control: Arc<Control>, run: Arc<RunInner>, stream: Stream) {
    let watch = run.watcher.watch(&control.path);
    let mut stop = control.stop.subscribe();
    let mut follower =
        Follower { control: Arc::clone(&control), run, stream, splitter: Splitter::default(), open: None };
    // where the line that has not ended begins, and when it is given up waiting for its end
    let mut partial: Option<(u64, Instant)> = None;
    loop {
        let stopping = *stop.borrow_and_update();
        match follower.read_some() {
            Ok(true) => {
                tokio::task::yield_now().await;
                continue;
            }
            Ok(false) if stopping => break,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(path = %control.path.display(), %error, "output cannot be read or kept now");
                if stopping {
                    break;
                }
            }
        }
        partial = match (follower.held_from(), partial) {
            (None, _) => None,
            (Some(from), Some((same, at))) if from == same => Some((same, at)),
            (Some(from), _) => Some((from, Instant::now() + PARTIAL_AFTER)),
        };
        let look_again = Instant::now() + LOOK_AGAIN_AFTER;
        let wake = partial.map_or(look_again, |(_, at)| at.min(look_again));
        tokio::select! {
            () = watch.changed() => {}
            _ = stop.changed() => {}
            () = sleep_until(wake) => {}
        }
        if partial.is_some_and(|(_, at)| at <= Instant::now()) {
            partial = None;
            follower.flush(false);
        }
    }
    follower.flush(true);
    control.done.send_replace(true);
}

impl Follower {
    /// Where the line begins that has not ended yet.
    fn held_from(&self) -> Option<u64> {
        let (_, position) = self.open.as_ref()?;
        (self.splitter.held() > 0).then_some(position.to)
    }

    /// Reads a chunk; false at the end of the file.
    fn read_some(&mut self) -> io::Result<bool> {
        if self.splitter.held() == 0 && self.replaced() {
            self.open = None;
        }
        if self.open.is_none() && !self.open_file()? {
            return Ok(false);
        }
        let Some((file, position)) = &self.open else { return Ok(false) };
        let mut buffer = vec![0; CHUNK];
        let count = file.read_at(&mut buffer, position.to + self.splitter.held() as u64)?;
        let mut pieces = Vec::new();
        self.splitter.push(&buffer[..count], &mut pieces);
        if !pieces.is_empty() {
            self.write(pieces)?;
        }
        Ok(count > 0)
    }

    /// Whether there is another or a shorter file under the name than the one that is open.
    fn replaced(&self) -> bool {
        let Some((_, position)) = &self.open else { return false };
        let now = std::fs::metadata(&self.control.path);
        now.is_ok_and(|now| now.ino() != position.inode || now.len() < position.to)
    }

    fn open_file(&mut self) -> io::Result<bool> {
        let file = match File::open(&self.control.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            other => other?,
        };
        let now = file.metadata()?;
        let known = self.run.position(&self.control.path);
        let known = self.control.position().or(known).filter(|at| at.inode == now.ino() && at.to <= now.len());
        let position = known.unwrap_or(Position { inode: now.ino(), to: 0 });
        self.open = Some((file, position));
        Ok(true)
    }

    fn flush(&mut self, last: bool) {
        if let Some(piece) = self.splitter.flush(last)
            && let Err(error) = self.write(vec![piece])
        {
            tracing::warn!(path = %self.control.path.display(), %error, "the end of the output is not kept");
        }
    }

    /// Writes pieces; when the journal refuses, they are read again later.
    fn write(&mut self, pieces: Vec<crate::journal::lines::Piece>) -> io::Result<()> {
        let Some((_, position)) = &mut self.open else { return Ok(()) };
        let consumed: u64 = pieces.iter().map(|piece| piece.bytes).sum();
        let from = (self.control.path.clone(), position.clone());
        if let Err(error) = self.run.output(self.stream, pieces, Some(from)) {
            self.splitter.clear();
            return Err(io::Error::other(error));
        }
        position.to += consumed;
        self.control.set_position(position.clone());
        Ok(())
    }
}
