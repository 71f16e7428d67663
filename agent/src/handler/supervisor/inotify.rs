//! A thin shell around inotify: which folder had which file changed.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init, remove_watch};
use tokio::io::unix::AsyncFd;

/// Watches folders for files that are written, moved in, touched or deleted.
#[derive(Debug)]
pub struct Inotify {
    fd: AsyncFd<OwnedFd>,
    folders: HashMap<i32, PathBuf>,
}

/// Something happened.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// To this file.
    File(PathBuf),
    /// The system lost count; everything has to be looked at.
    Lost,
}

impl Inotify {
    pub fn new() -> io::Result<Self> {
        let fd = register(init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?)?;
        Ok(Self { fd, folders: HashMap::new() })
    }

    /// Watches exactly these folders from now on. One that can not be watched (it is not there yet) is left out, and
    /// tried again with the next call. Returns the folders that are newly watched.
    pub fn watch(&mut self, wanted: &[PathBuf]) -> Vec<PathBuf> {
        let gone: Vec<i32> =
            self.folders.iter().filter(|(_, folder)| !wanted.contains(folder)).map(|(number, _)| *number).collect();
        for number in gone {
            self.folders.remove(&number);
            // A deleted folder took its watch with it.
            let _removed = remove_watch(self.fd.get_ref(), number);
        }
        let flags = WatchFlags::CLOSE_WRITE
            | WatchFlags::MODIFY
            | WatchFlags::MOVED_TO
            | WatchFlags::ATTRIB
            | WatchFlags::DELETE
            | WatchFlags::ONLYDIR;
        let mut added = Vec::new();
        for folder in wanted {
            if self.folders.values().any(|known| known == folder) {
                continue;
            }
            if let Ok(number) = add_watch(self.fd.get_ref(), folder, flags) {
                self.folders.insert(number, folder.clone());
                added.push(folder.clone());
            }
        }
        added
    }

    /// Waits for events.
    pub async fn events(&mut self) -> io::Result<Vec<Event>> {
        loop {
            let mut ready = self.fd.readable().await?;
            let mut buffer = [MaybeUninit::uninit(); 8192];
            let mut reader = Reader::new(self.fd.get_ref(), &mut buffer);
            let mut events = Vec::new();
            let mut dead = Vec::new();
            loop {
                match reader.next() {
                    Ok(event) if event.events().contains(ReadFlags::QUEUE_OVERFLOW) => events.push(Event::Lost),
                    Ok(event) if event.events().contains(ReadFlags::IGNORED) => dead.push(event.wd()),
                    Ok(event) => {
                        events.extend(file(&self.folders, event.wd(), event.file_name().map(std::ffi::CStr::to_bytes)))
                    }
                    Err(rustix::io::Errno::AGAIN) => {
                        ready.clear_ready();
                        break;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            drop(ready);
            for number in dead {
                self.folders.remove(&number);
                events.push(Event::Lost); // the folder may have been replaced by another of the same name
            }
            if !events.is_empty() {
                events.dedup();
                return Ok(events);
            }
        }
    }
}

#[expect(unsafe_code, reason = "tokio offers no safe way for descriptors that are no sockets or pipes")]
fn register(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` is open and stays the same descriptor for as long as the `AsyncFd` owns it.
    Ok(unsafe { AsyncFd::register(fd) }?)
}

fn file(folders: &HashMap<i32, PathBuf>, number: i32, name: Option<&[u8]>) -> Option<Event> {
    let folder = folders.get(&number)?;
    Some(Event::File(folder.join(Path::new(&OsString::from_vec(name?.to_vec())))))
}
