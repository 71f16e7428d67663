//! The short part of enable: makes sure that exactly one process probes, by these settings.
//!
//! ```text
//!                        nobody probes ──────────────────────────► start
//! seq = mrseq ─ somebody probes ─ its log is fresh ──────────────► leave it alone
//!                              └─ its log is stale, or it belongs to another version ─► end it, start
//! seq > mrseq ─ save the number first ─ somebody probes ─────────► end it, start
//! seq < mrseq ───────────────────────────────────────────────────► error
//! ```

use std::cmp::Ordering;
use std::fs;
use std::io;
use std::time::{Duration, Instant};

use handler_sdk::atomic::Durability;
use handler_sdk::command::Command;
use handler_sdk::environment::Environment;
use handler_sdk::holder::Holder;
use handler_sdk::image::Image;
use handler_sdk::lease::Lease;
use handler_sdk::log::{self, Log};
use handler_sdk::sequence::Sequence;
use handler_sdk::settings::Settings;
use handler_sdk::status::StatusFile;
use handler_sdk::{detach, exit, heartbeat};

use crate::data::Data;
use crate::settings::{self, Wanted};
use crate::{report, watch};

/// A process that probes writes to its log more often than this.
const STALE_AFTER: Duration = Duration::from_secs(6 * 60);
/// What it has between the request to end and the end by force.
const GRACE: Duration = Duration::from_secs(5);

/// How old the log is. Must be asked before this process writes to it.
#[must_use]
pub fn log_age(environment: &Environment) -> Option<Duration> {
    let changed = fs::metadata(environment.log_folder.join(log::FILE_NAME)).and_then(|data| data.modified()).ok()?;
    // a clock that was set back makes the log look fresh for a while, which is the harmless mistake
    Some(changed.elapsed().unwrap_or_default())
}

/// Reads the settings of `sequence` and checks them.
///
/// # Errors
/// With words for the person who made them.
pub fn wanted(environment: &Environment, sequence: &Sequence) -> Result<Wanted, String> {
    let image = Image::load(&environment.root).map_err(|error| error.to_string())?;
    let settings = Settings::load(environment, sequence).map_err(|error| error.to_string())?;
    settings::check(&image, &settings).map_err(|fault| fault.to_string())
}

/// Runs the command; the answer is the process's exit code.
#[must_use]
pub fn enable(environment: &Environment, sequence: &Sequence, log_age: Option<Duration>, log: &Log) -> u8 {
    let last = sequence.last_processed(&environment.root);
    let order = last.map_or(Ordering::Greater, |last| sequence.number.cmp(&last));
    if order == Ordering::Less {
        log.error(
            "enable-failed",
            format!("sequence {} was processed already; these settings are older", last.unwrap_or_default()),
        );
        return exit::FAILED;
    }
    let holder = Holder::read(&Data::of(environment).holder());
    if order == Ordering::Equal && is_well(environment, holder.as_ref(), log_age) {
        log.info("already-running", "");
        return exit::OK;
    }
    if let Err(reason) = wanted(environment, sequence) {
        log.error("settings", &reason);
        return refuse(environment, sequence, report::SETTINGS_FAULT, &reason, exit::CONFIGURATION, log);
    }
    match take_over(environment, sequence, order, log) {
        Ok(()) => exit::OK,
        Err(error) => {
            log.error("enable-failed", &error);
            refuse(environment, sequence, 0, &format!("the machine refuses: {error}"), exit::FAILED, log)
        }
    }
}

fn is_well(environment: &Environment, holder: Option<&Holder>, log_age: Option<Duration>) -> bool {
    Lease::is_held(&Data::of(environment).lease())
        && holder.is_some_and(|holder| holder.root == environment.root)
        && log_age.is_some_and(|age| age < STALE_AFTER)
}

fn take_over(environment: &Environment, sequence: &Sequence, order: Ordering, log: &Log) -> io::Result<()> {
    let data = Data::of(environment);
    data.prepare()?;
    if order == Ordering::Greater {
        // first the number: the old process sees it and leaves even if the next line never happens
        sequence.save(&environment.root, Durability::Ordinary)?;
    }
    let lease = take_lease(&data, log)?;
    if let Some(file) = &environment.heartbeat_file {
        heartbeat::beat(file, true, 0, "starting to poll for application health")?;
    }
    let status = StatusFile::new(environment, sequence, report::NAME);
    if status.level().is_none() {
        status.write(&report::in_progress())?;
    }
    let process = detach::start(&[Command::Run.word(), &sequence.stem()], lease, log.path(), &environment.root)?;
    log.info("probe-started", format!("process {process}"));
    Ok(())
}

/// Ends whoever probes until the lease is ours.
fn take_lease(data: &Data, log: &Log) -> io::Result<Lease> {
    let deadline = Instant::now() + 4 * GRACE;
    loop {
        if let Some(lease) = Lease::try_take(&data.lease())? {
            return Ok(lease);
        }
        if Instant::now() >= deadline {
            return Err(io::Error::other("another process of this extension does not end"));
        }
        match Holder::read(&data.holder()).filter(Holder::is_alive) {
            Some(holder) => {
                log.warn("ending", format!("process {}, which probes now", holder.process));
                let _ = holder.stop(GRACE);
            }
            // it was started a moment ago and has not written its name yet
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Ends whoever probes; for disable and uninstall.
pub fn stop(environment: &Environment, log: &Log) {
    let data = Data::of(environment);
    if Lease::is_held(&data.lease()) {
        match take_lease(&data, log) {
            Ok(_) => log.info("probe-stopped", ""),
            Err(error) => log.error("probe-not-stopped", error),
        }
    }
}

fn refuse(environment: &Environment, sequence: &Sequence, code: i64, reason: &str, exit: u8, log: &Log) -> u8 {
    let written = StatusFile::new(environment, sequence, report::NAME).write(&report::failed(code, reason));
    if let Err(error) = written {
        log.error("status-not-written", error);
    }
    watch::beat(environment, false, code, reason, log);
    exit
}
