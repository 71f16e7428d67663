//! Keeping a script that prints without end from filling the disk.
//!
//! ```text
//! 0         2 MiB                                     end - 16 MiB          end
//! ├── stays ──┤············ given back to the disk ··········├──── stays ────┤
//! ```
//!
//! The space in the middle is given back while the file keeps its length, so whoever follows the file by its offset
//! is not disturbed. The beginning is what agents pass on, the end is what a status shows.

use std::fs::File;
use std::io;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::fs::{FallocateFlags, fallocate};

use super::Files;

/// What stays at the beginning of each file, in bytes.
pub const HEAD: u64 = 2 * 1024 * 1024;
/// What stays at its end.
pub const TAIL: u64 = 16 * 1024 * 1024;
/// A file system gives back whole blocks.
const BLOCK: u64 = 64 * 1024;
const EVERY: Duration = Duration::from_millis(500);

/// Bounds the space of both files for as long as it lives.
#[derive(Debug)]
pub struct Bound {
    // dropping it ends the thread
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Bound {
    /// Begins to bound `files`.
    ///
    /// # Errors
    /// When the process may hold no more files.
    pub fn new(files: &Files) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel::<()>();
        let (stdout, stderr) = files.streams()?;
        let mut streams = [Stream::new(stdout), Stream::new(stderr)];
        let thread = thread::spawn(move || {
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                for stream in &mut streams {
                    // a file system that cannot give space back leaves things as they were
                    let _ = stream.give_back();
                }
            }
        });
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // it holds nothing that a panic could have spoilt
            let _ = thread.join();
        }
    }
}

struct Stream {
    file: File,
    given_back: u64,
}

impl Stream {
    fn new(file: File) -> Self {
        Self { file, given_back: HEAD }
    }

    fn give_back(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        let end = length.saturating_sub(TAIL) / BLOCK * BLOCK;
        if end <= self.given_back {
            return Ok(());
        }
        let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        fallocate(&self.file, flags, self.given_back, end - self.given_back)?;
        self.given_back = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn the_middle_goes_and_both_ends_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.stdout");
        let length = 40 * 1024 * 1024;
        std::fs::write(&path, vec![b'x'; length]).unwrap();
        let mut stream = Stream::new(File::options().append(true).open(&path).unwrap());
        stream.give_back().unwrap();
        let data = path.metadata().unwrap();
        assert_eq!(data.len(), length as u64, "whoever follows the file must not see it shrink");
        assert!(data.blocks() * 512 < HEAD + TAIL + 4 * BLOCK, "{} bytes are in use", data.blocks() * 512);
        let bytes = std::fs::read(&path).unwrap();
        let (head, tail) = (usize::try_from(HEAD).unwrap(), usize::try_from(TAIL).unwrap());
        assert!(bytes[..head].iter().all(|byte| *byte == b'x'));
        assert!(bytes[length - tail..].iter().all(|byte| *byte == b'x'));
        assert_eq!(bytes[head], 0);
        stream.give_back().unwrap();
    }
}
