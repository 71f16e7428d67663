//! Three of the commands around enable; what `disable` means differs between handlers.
//!
//! `update` leaves the status of the last run alone: agents carry it to the next version, and an answer of its own in
//! its place would look like the outcome of a script.

use std::fs;

use super::{Data, Handler, stop_where};
use crate::environment::Environment;
use crate::log::Log;
use crate::{exit, moving, sequence};

/// Makes the data folder. On a first installation nothing of an earlier life stays in it.
#[must_use]
pub fn install(handler: &dyn Handler, environment: &Environment, log: &Log) -> u8 {
    let data = Data::of(handler, environment);
    // the numbers come along when the version changes, and only then
    if !sequence::is_any_processed(&environment.root) {
        stop_where(handler, environment, "the extension is installed anew", log, |_| true);
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
pub fn update(handler: &dyn Handler, environment: &Environment, log: &Log) -> u8 {
    moving::carry_sequence_numbers(environment);
    if let Err(error) = moving::mark(Data::of(handler, environment).root()) {
        log.error("update-failed", error);
        return exit::FAILED;
    }
    log.info("updated", "");
    exit::OK
}

/// Removes everything but the log, unless the version only changes.
#[must_use]
pub fn uninstall(handler: &dyn Handler, environment: &Environment, log: &Log) -> u8 {
    let data = Data::of(handler, environment);
    if moving::is_marked(data.root()) {
        log.info("uninstalled", "the data stays for the version that follows");
        return exit::OK;
    }
    stop_where(handler, environment, "the extension is removed", log, |_| true);
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
