//! Learning that a file grew: one inotify instance for all followed files. Folders are watched, so that a file need
//! not exist yet.

use std::collections::HashMap;
use std::ffi::OsString;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

/// All watches of the agent.
#[derive(Default)]
pub(in crate::journal) struct Watcher(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    fd: Option<Arc<AsyncFd<OwnedFd>>>,
    /// By watch descriptor.
    folders: HashMap<i32, Folder>,
}

struct Folder {
    path: PathBuf,
    files: Vec<(OsString, Arc<Notify>)>,
}

/// The wish to be told about one file; ends when dropped.
pub(super) struct Watch {
    notify: Arc<Notify>,
    state: Arc<Mutex<State>>,
}

impl Watch {
    /// Waits until the file may have changed.
    pub(super) async fn changed(&self) {
        self.notify.notified().await;
    }
}

impl Watcher {
    /// Starts watching a file. Where the system refuses, the follower's own slow look remains.
    pub(super) fn watch(&self, path: &Path) -> Watch {
        let watch = Watch { notify: Arc::new(Notify::new()), state: Arc::clone(&self.0) };
        if let Err(error) = self.add(path, &watch.notify) {
            tracing::warn!(path = %path.display(), %error, "cannot watch; looking every second instead");
        }
        watch
    }

    fn add(&self, path: &Path, notify: &Arc<Notify>) -> std::io::Result<()> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
        let mut state = lock(&self.0);
        let fd = match &state.fd {
            Some(fd) => Arc::clone(fd),
            None => {
                let fd = Arc::new(register(inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?)?);
                tokio::spawn(dispatch(Arc::clone(&fd), Arc::clone(&self.0)));
                state.fd = Some(Arc::clone(&fd));
                fd
            }
        };
        let flags = WatchFlags::MODIFY | WatchFlags::CREATE | WatchFlags::MOVED_TO;
        let descriptor = inotify::add_watch(fd.get_ref(), folder, flags)?;
        let entry = state.folders.entry(descriptor);
        let entry = entry.or_insert_with(|| Folder { path: folder.to_owned(), files: Vec::new() });
        entry.files.push((name.to_owned(), Arc::clone(notify)));
        Ok(())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        let State { fd, folders } = &mut *state;
        folders.retain(|descriptor, folder| {
            folder.files.retain(|(_, notify)| !Arc::ptr_eq(notify, &self.notify));
            if folder.files.is_empty()
                && fd.as_ref().is_some_and(|fd| inotify::remove_watch(fd.get_ref(), *descriptor).is_err())
            {
                tracing::debug!(path = %folder.path.display(), "the folder is gone already");
            }
            !folder.files.is_empty()
        });
    }
}

#[expect(unsafe_code, reason = "tokio asks for a promise about the descriptor that its type keeps")]
fn register(fd: OwnedFd) -> std::io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` is open and stays the same descriptor for as long as the `AsyncFd` owns it
    Ok(unsafe { AsyncFd::register(fd) }?)
}

async fn dispatch(fd: Arc<AsyncFd<OwnedFd>>, state: Arc<Mutex<State>>) {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    loop {
        let Ok(mut ready) = fd.readable().await else { return };
        let mut reader = inotify::Reader::new(fd.get_ref(), &mut buffer);
        loop {
            match reader.next() {
                Ok(event) => {
                    let name = event.file_name().map(|name| OsString::from_vec(name.to_bytes().to_vec()));
                    let overflow = event.events().contains(ReadFlags::QUEUE_OVERFLOW);
                    tell(&lock(&state), event.wd(), name.filter(|_| !overflow).as_ref());
                }
                Err(Errno::AGAIN) => break,
                Err(error) => {
                    tracing::warn!(%error, "no more news about output files; looking every second instead");
                    return;
                }
            }
        }
        ready.clear_ready();
    }
}

/// Without a name, everybody is told.
fn tell(state: &State, descriptor: i32, name: Option<&OsString>) {
    for (number, folder) in &state.folders {
        for (file, notify) in &folder.files {
            if name.is_none_or(|name| *number == descriptor && name == file) {
                notify.notify_one();
            }
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
