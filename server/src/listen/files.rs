//! The number of files a process may have open: every connection is one.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the soft limit on open files to the hard one. Thousands of agents each hold a connection, and the usual soft
/// limit is 1,024. Returns the limit in force, `None` when there is none.
pub fn raise_open_files() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let before = limit.current;
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the limit on open files stays at {before:?}");
            return before;
        }
    }
    limit.current
}
