//! The four commands around enable.
//!
//! `update` and `disable` leave the status of the last run alone: agents carry it to the next version, and an answer
//! of theirs in its place would look like the outcome of a script.

use std::fs;
use std::path::Path;

use handler_sdk::environment::Environment;
use handler_sdk::log::Log;
use handler_sdk::sequence::Sequence;
use handler_sdk::{exit, moving};

use crate::data::Data;
use crate::predecessors;

/// Makes the data folder. On a first installation nothing of an earlier life stays in it.
#[must_use]
pub fn install(environment: &Environment, sequence: &Sequence, log: &Log) -> u8 {
    if !Path::new("/bin/sh").exists() {
        log.error("install-failed", "/bin/sh is missing");
        return exit::MISSING_DEPENDENCY;
    }
    let data = Data::of(environment);
    // the numbers come along when the version changes, and only then
    let is_update = sequence.last_processed(&environment.root).is_some();
    if !is_update {
        predecessors::stop_all(environment, None, "the extension is installed anew", log);
        // absent on most machines
        let _ = fs::remove_dir_all(data.root());
    }
    if let Err(error) = data.prepare().and_then(|()| data.set_home(&environment.root)) {
        log.error("install-failed", format!("{}: {error}", data.root().display()));
        return exit::MISSING_DEPENDENCY;
    }
    moving::clear(data.root());
    log.info("installed", data.root().display());
    exit::OK
}

/// Says that the next uninstall belongs to a change of version.
#[must_use]
pub fn update(environment: &Environment, log: &Log) -> u8 {
    moving::carry_sequence_numbers(environment);
    if let Err(error) = moving::mark(Data::of(environment).root()) {
        log.error("update-failed", error);
        return exit::FAILED;
    }
    log.info("updated", "");
    exit::OK
}

/// A script that runs goes on.
#[must_use]
pub fn disable(environment: &Environment, log: &Log) -> u8 {
    moving::clear(Data::of(environment).root());
    log.info("disabled", "");
    exit::OK
}

/// Removes everything but the log, unless the version only changes.
#[must_use]
pub fn uninstall(environment: &Environment, log: &Log) -> u8 {
    let data = Data::of(environment);
    if moving::is_marked(data.root()) {
        log.info("uninstalled", "the data stays for the version that follows");
        return exit::OK;
    }
    predecessors::stop_all(environment, None, "the extension is removed", log);
    match fs::remove_dir_all(data.root()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            log.error("uninstall-failed", format!("{}: {error}", data.root().display()));
            exit::FAILED
        }
        _ => {
            log.info("uninstalled", "");
            exit::OK
        }
    }
}
