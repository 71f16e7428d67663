//! The four commands around enable.

use std::fs;

use handler_sdk::environment::Environment;
use handler_sdk::log::Log;
use handler_sdk::{exit, moving};

use crate::data::Data;
use crate::enable;

/// Makes the data folder.
#[must_use]
pub fn install(environment: &Environment, log: &Log) -> u8 {
    let data = Data::of(environment);
    if let Err(error) = data.prepare() {
        log.error("install-failed", format!("{}: {error}", data.root().display()));
        return exit::MISSING_DEPENDENCY;
    }
    moving::clear(data.root());
    log.info("installed", "");
    exit::OK
}

/// The data stays for the next version.
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

/// Ends the probing. The heartbeat goes with it: a stale one would look like a fault.
#[must_use]
pub fn disable(environment: &Environment, log: &Log) -> u8 {
    enable::stop(environment, log);
    moving::clear(Data::of(environment).root());
    if let Some(file) = &environment.heartbeat_file {
        // absent when enable never got that far
        let _ = fs::remove_file(file);
    }
    log.info("disabled", "");
    exit::OK
}

/// Removes everything but the log, unless the version only changes.
#[must_use]
pub fn uninstall(environment: &Environment, log: &Log) -> u8 {
    let data = Data::of(environment);
    enable::stop(environment, log);
    if moving::is_marked(data.root()) {
        log.info("uninstalled", "the data stays for the version that follows");
        return exit::OK;
    }
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
