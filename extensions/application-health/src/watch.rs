//! The long part: a process that looks, reports and waits, until it is told to end or newer settings appear.

use std::thread;
use std::time::{Duration, Instant};

use handler_sdk::environment::Environment;
use handler_sdk::holder::Holder;
use handler_sdk::lease::Lease;
use handler_sdk::log::Log;
use handler_sdk::sequence::Sequence;
use handler_sdk::status::StatusFile;
use handler_sdk::{detach, exit, heartbeat, termination};

use crate::data::Data;
use crate::enable;
use crate::machine::Machine;
use crate::probe::Probe;
use crate::report;

/// The heartbeat is never much older than this.
const BEAT_EVERY: Duration = Duration::from_secs(20);
/// How often a line is written even though nothing changes: it is how others see that this process is not stuck.
const LOG_EVERY: Duration = Duration::from_secs(120);

/// Runs the whole part; the answer is the process's exit code.
#[must_use]
pub fn watch(environment: &Environment, sequence: &Sequence, log: &'static Log) -> u8 {
    detach::own_session();
    let data = Data::of(environment);
    let Ok(_lease) = Lease::inherited(&data.lease()) else { return exit::USAGE };
    if let Err(error) = Holder::this_process(&environment.root, sequence.number).write(&data.holder()) {
        log.error("holder-not-written", error);
        return exit::FAILED;
    }
    if let Err(error) = termination::on_request(|| log.info("ended", "as requested")) {
        log.warn("signals", error);
    }
    let wanted = match enable::wanted(environment, sequence) {
        Ok(wanted) => wanted,
        Err(reason) => {
            log.error("settings", reason);
            return exit::CONFIGURATION;
        }
    };
    let probe = Probe::new(wanted.target.clone());
    log.info("probing", format!("{} every {} s", probe.subject(), wanted.interval.as_secs()));
    let status = StatusFile::new(environment, sequence, report::NAME);
    let mut machine = Machine::new(&wanted.rules);
    let started = Instant::now();
    let mut logged = started;
    let mut shown = None;
    loop {
        if sequence.last_processed(&environment.root).is_some_and(|last| last > sequence.number) {
            log.info("ended", "newer settings were saved");
            return exit::OK;
        }
        let began = Instant::now();
        let reading = probe.look();
        machine = machine.observe(&wanted.rules, reading.observed, started.elapsed());
        let health = machine.health();
        if shown != Some(health) {
            log.info("health", format!("{}: {}", health.word(), reading.detail));
            shown = Some(health);
        }
        if let Err(error) = status.write(&report::probed(health, &reading)) {
            log.warn("status-not-written", error);
        }
        if logged.elapsed() >= LOG_EVERY {
            log.info("still-probing", health.word());
            logged = Instant::now();
        }
        // the next look begins one interval after this one did, at once when this one took longer
        let next = began + wanted.interval;
        loop {
            beat(environment, true, 0, &format!("polling for application health: {}", health.word()), log);
            let left = next.saturating_duration_since(Instant::now());
            thread::sleep(left.min(BEAT_EVERY));
            if left <= BEAT_EVERY {
                break;
            }
        }
    }
}

/// Writes a heartbeat where the agent reads one.
pub fn beat(environment: &Environment, ready: bool, code: i64, message: &str, log: &Log) {
    if let Some(Err(error)) =
        environment.heartbeat_file.as_deref().map(|file| heartbeat::beat(file, ready, code, message))
    {
        log.warn("heartbeat-not-written", error);
    }
}
