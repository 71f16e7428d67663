//! The short part of enable: is there something to do, and who does it? Returns within milliseconds.
//!
//! ```text
//! seq > mrseq ──► lease ──► Accepted ──► mrseq ──► status transitioning ──► long part
//!             └─► already Started (a power cut took mrseq back): as for seq = mrseq
//! seq = mrseq ──► somebody at work, or finished ──► leave it (show the status again if it got lost)
//!             └─► nobody at work: Accepted ──► long part;  Started ──► code 3
//! seq < mrseq ──► leave it
//! ```

use std::cmp::Ordering;
use std::io;

use handler_sdk::atomic::Durability;
use handler_sdk::command::Command;
use handler_sdk::environment::Environment;
use handler_sdk::lease::Lease;
use handler_sdk::log::Log;
use handler_sdk::output::Output;
use handler_sdk::sequence::Sequence;
use handler_sdk::status::{Level, StatusFile};
use handler_sdk::{detach, exit, moving};

use crate::codes;
use crate::data::Data;
use crate::failure::Failure;
use crate::publish::publish;
use crate::report;
use crate::state::State;

/// Runs the command; the answer is the process's exit code.
#[must_use]
pub fn enable(environment: &Environment, sequence: &Sequence, log: &Log) -> u8 {
    let outcome = take_on(environment, sequence, log);
    let Err(error) = outcome else { return exit::OK };
    log.error("enable-failed", &error);
    let failure =
        Failure::new(codes::SYSTEM, format!("the machine refuses: {error}; check free space and mount options"));
    publish(environment, sequence, &report::failed(&failure, &handler_sdk::redact::Redactor::default()), log);
    exit::FAILED
}

fn take_on(environment: &Environment, sequence: &Sequence, log: &Log) -> io::Result<()> {
    let data = Data::of(environment);
    data.prepare()?;
    data.set_home(&environment.root)?;
    moving::clear(data.root());
    let order = sequence.last_processed(&environment.root).map_or(Ordering::Greater, |last| sequence.number.cmp(&last));
    let has_begun = matches!(State::read(&data, sequence), Some(State::Started | State::Finished(_)));
    match order {
        Ordering::Greater if has_begun => {
            sequence.save(&environment.root, Durability::Ordinary)?;
            look_after(environment, sequence, &data, log)
        }
        Ordering::Greater => begin(environment, sequence, &data, log),
        Ordering::Equal => look_after(environment, sequence, &data, log),
        Ordering::Less => {
            log.info("already-processed", "newer settings were processed before");
            Ok(())
        }
    }
}

fn begin(environment: &Environment, sequence: &Sequence, data: &Data, log: &Log) -> io::Result<()> {
    let Some(lease) = Lease::try_take(&data.run_file(sequence, "lease"))? else {
        log.info("already-running", "another enable of these settings is at it");
        return Ok(());
    };
    State::Accepted.write(data, sequence)?;
    sequence.save(&environment.root, Durability::Ordinary)?;
    start(environment, sequence, lease, log)
}

fn start(environment: &Environment, sequence: &Sequence, lease: Lease, log: &Log) -> io::Result<()> {
    publish(environment, sequence, &report::in_progress(""), log);
    let process = detach::start(&[Command::Run.word(), &sequence.stem()], lease, log.path(), &environment.root)?;
    log.info("run-started", format!("process {process}"));
    Ok(())
}

/// The same settings again: after a restart of the agent, a reboot, or a change of version.
fn look_after(environment: &Environment, sequence: &Sequence, data: &Data, log: &Log) -> io::Result<()> {
    let shown = StatusFile::new(environment, sequence, report::NAME).level();
    let is_final = shown.is_some_and(Level::is_terminal);
    // whoever is finished may still hold the lease for a moment
    if let Some(State::Finished(status)) = State::read(data, sequence) {
        if !is_final {
            log.info("status-restored", "these settings were processed before");
            publish(environment, sequence, &status, log);
        }
        return Ok(());
    }
    let Some(lease) = Lease::try_take(&data.run_file(sequence, "lease"))? else {
        log.info("still-running", "");
        return Ok(());
    };
    match State::read(data, sequence) {
        Some(State::Accepted) => {
            log.info("resumed", "an earlier run was cut off before the command began");
            start(environment, sequence, lease, log)
        }
        Some(State::Started) if !is_final => cut_off(environment, sequence, data, log),
        Some(State::Finished(status)) if !is_final => {
            publish(environment, sequence, &status, log);
            Ok(())
        }
        None if shown.is_some() && !is_final => cut_off(environment, sequence, data, log),
        _ => {
            log.info("already-processed", "");
            Ok(())
        }
    }
}

fn cut_off(environment: &Environment, sequence: &Sequence, data: &Data, log: &Log) -> io::Result<()> {
    log.warn("interrupted", "an earlier run was cut off while the command ran; it is not repeated");
    let status = report::cut_off(&Output::locate(environment, sequence, &data.download(sequence)));
    State::Finished(status.clone()).write(data, sequence)?;
    // the command may hold a secret, and nobody reads it any more
    let _ = std::fs::remove_file(data.run_file(sequence, "command"));
    publish(environment, sequence, &status, log);
    Ok(())
}
