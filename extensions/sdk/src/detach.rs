//! Letting `enable` return at once: the long part is the same program, in a session of its own.

use std::env;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::lease::Lease;
use crate::log;

/// Starts `<this program> <arguments>` with `lease` as its standard input and its error output in the log.
/// The new process gets this one's environment.
///
/// # Errors
/// When the program cannot be started (no memory, no process left, a mount without execution).
pub fn start(arguments: &[&str], lease: Lease, log: &Path, working_folder: &Path) -> io::Result<u32> {
    let output = || log::append(log).map_or_else(|_| Stdio::null(), Stdio::from);
    let child = Command::new(env::current_exe()?)
        .args(arguments)
        .current_dir(working_folder)
        .stdin(Stdio::from(lease.into_file()))
        .stdout(output())
        .stderr(output())
        .spawn()?;
    Ok(child.id())
}

/// Makes this process the leader of a session of its own, so that nothing that ends the agent's command ends it too.
pub fn own_session() {
    // it fails only for a process that leads a group already, which is as good
    let _ = rustix::process::setsid();
}
