//! What runs outside the server process: short single-threaded programs, and process 1 of each machine.
//!
//! `unshare` works on single-threaded processes only and a fork of a server with threads is no place to run code in, so
//! the `annex` program is executed again with a hidden command word.

mod boot;
mod cgroup;
mod erase;
mod init;
mod map_ids;
mod namespaces;
mod record;
mod spec;
mod stat;
mod step;

use std::{ffi::OsString, process::ExitCode};

pub(super) use cgroup::remove as remove_cgroup;
pub(super) use record::MachineRecord;
pub(super) use spec::{Answer, EraseSpec, MachineSpec, Purpose};

/// Command word: brings a machine up, then ends.
pub(super) const BOOT: &str = "lab-boot";
/// Command word: process 1 of a machine.
pub(super) const INIT: &str = "lab-init";
/// Command word: writes the id maps of its parent.
const MAP_IDS: &str = "lab-map-ids";
/// Command word: removes a machine's disk with the ids that wrote it.
pub(super) const ERASE: &str = "lab-erase";

/// Present in the environment of every process of a machine; finds those of machines without namespaces.
pub(super) const MARK: &str = "ANNEX_LAB_MACHINE";

/// Runs the lab's part of this program if the command line asks for it; `None` means that it is an ordinary start.
///
/// Call it first thing in `main`: these programs must be single-threaded, so no runtime may exist yet.
pub fn run_inner_command(arguments: &[OsString]) -> Option<ExitCode> {
    Some(match arguments.get(1)?.to_str()? {
        BOOT => boot::run(),
        INIT => init::run(),
        MAP_IDS => map_ids::run(),
        ERASE => erase::run(),
        _ => return None,
    })
}
