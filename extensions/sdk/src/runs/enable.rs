//! The short part of enable: is there something to do, and who does it? Returns within milliseconds.
//!
//! ```text
//! seq > mrseq ──► lease ──► Accepted ──► mrseq ──► status transitioning ──► long part
//!             └─► already Started (a power cut took mrseq back): as for seq = mrseq
//! seq = mrseq ──► somebody at work, or finished ──► leave it (show the status again if it got lost)
//!             └─► nobody at work: Accepted ──► long part;  Started ──► cut off, reported
//! seq < mrseq ──► leave it
//! ```

use std::cmp::Ordering;
use std::fs;
use std::io;

use super::{Data, Handler, State, publish};
use crate::atomic::Durability;
use crate::command::Command;
use crate::environment::Environment;
use crate::lease::Lease;
use crate::log::Log;
use crate::sequence::Sequence;
use crate::status::{Status, StatusFile};
use crate::{detach, exit, moving};

/// Runs the command; the answer is the process's exit code.
#[must_use]
pub fn enable(handler: &dyn Handler, environment: &Environment, sequence: &Sequence, log: &Log) -> u8 {
    let enable = Enable { handler, environment, sequence, data: Data::of(handler, environment), log };
    let Err(error) = enable.take_on() else { return exit::OK };
    log.error("enable-failed", &error);
    publish(handler, environment, sequence, &handler.refused(&error), log);
    exit::FAILED
}

struct Enable<'a> {
    handler: &'a dyn Handler,
    environment: &'a Environment,
    sequence: &'a Sequence,
    data: Data,
    log: &'a Log,
}

impl Enable<'_> {
    fn take_on(&self) -> io::Result<()> {
        let Self { environment, sequence, data, log, .. } = self;
        data.prepare()?;
        data.set_home(&environment.root)?;
        moving::clear(data.root());
        let order =
            sequence.last_processed(&environment.root).map_or(Ordering::Greater, |last| sequence.number.cmp(&last));
        let has_begun = matches!(State::read(data, sequence), Some(State::Started | State::Finished(_)));
        match order {
            Ordering::Greater if has_begun => {
                sequence.save(&environment.root, Durability::Ordinary)?;
                self.look_after()
            }
            Ordering::Greater => self.begin(),
            Ordering::Equal => self.look_after(),
            Ordering::Less => {
                log.info("already-processed", "newer settings were processed before");
                Ok(())
            }
        }
    }

    fn begin(&self) -> io::Result<()> {
        let Self { environment, sequence, data, log, .. } = self;
        let Some(lease) = Lease::try_take(&data.run_file(sequence, "lease"))? else {
            log.info("already-running", "another enable of these settings is at it");
            return Ok(());
        };
        State::Accepted.write(data, sequence)?;
        sequence.save(&environment.root, Durability::Ordinary)?;
        self.start(lease)
    }

    fn start(&self, lease: Lease) -> io::Result<()> {
        let Self { environment, sequence, log, .. } = self;
        self.publish(&self.handler.accepted());
        let process = detach::start(&[Command::Run.word(), &sequence.stem()], lease, log.path(), &environment.root)?;
        log.info("run-started", format!("process {process}"));
        Ok(())
    }

    /// The same settings again: after a restart of the agent, a reboot, or a change of version.
    fn look_after(&self) -> io::Result<()> {
        let Self { environment, sequence, data, log, .. } = self;
        let shown = StatusFile::new(environment, sequence, self.handler.name());
        let is_final = self.handler.is_final(&shown);
        // whoever is finished may still hold the lease for a moment
        if let Some(State::Finished(status)) = State::read(data, sequence) {
            if !is_final {
                log.info("status-restored", "these settings were processed before");
                self.publish(&status);
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
                self.start(lease)
            }
            Some(State::Started) if !is_final => self.cut_off(),
            Some(State::Finished(status)) if !is_final => {
                self.publish(&status);
                Ok(())
            }
            None if shown.level().is_some() && !is_final => self.cut_off(),
            _ => {
                log.info("already-processed", "");
                Ok(())
            }
        }
    }

    fn cut_off(&self) -> io::Result<()> {
        let Self { environment, sequence, data, log, .. } = self;
        log.warn("interrupted", "an earlier run was cut off while the command ran; it is not repeated");
        let status = self.handler.cut_off(environment, sequence);
        State::Finished(status.clone()).write(data, sequence)?;
        // the command may hold a secret, and nobody reads it any more
        let _ = fs::remove_file(data.run_file(sequence, "command"));
        self.publish(&status);
        Ok(())
    }

    fn publish(&self, status: &Status) {
        publish(self.handler, self.environment, self.sequence, status, self.log);
    }
}
