//! Ending runs that newer settings, or a removal, make pointless.

use std::fs;
use std::time::Duration;

use super::{Data, Handler, State, publish};
use crate::atomic::{self, Durability};
use crate::environment::Environment;
use crate::holder::Holder;
use crate::lease::Lease;
use crate::log::Log;
use crate::sequence::Sequence;
use crate::supervise::GRACE;

/// A run ends its command within its grace, then writes its status.
const LIMIT: Duration = GRACE.saturating_add(Duration::from_secs(2));

/// Ends every run that `is_meant`, and says so in its status.
pub fn stop_where(
    handler: &dyn Handler,
    environment: &Environment,
    reason: &str,
    log: &Log,
    is_meant: impl Fn(&Sequence) -> bool,
) {
    let data = Data::of(handler, environment);
    for sequence in data.known_runs().iter().filter(|sequence| is_meant(sequence)) {
        if Lease::is_held(&data.run_file(sequence, "lease")) {
            stop(handler, environment, &data, sequence, reason, log);
        }
        // whoever ran it may have been killed without its command
        if let Some(command) = Holder::read(&data.run_file(sequence, "process")).filter(Holder::is_alive) {
            log.warn("stopping", format!("the command of sequence {}: {reason}", sequence.stem()));
            command.end_group();
        }
    }
}

/// Why the run of `sequence` was asked to end; `None` when nobody of ours asked it.
#[must_use]
pub fn reason(data: &Data, sequence: &Sequence) -> Option<String> {
    fs::read_to_string(data.run_file(sequence, "stop")).ok()
}

fn stop(handler: &dyn Handler, environment: &Environment, data: &Data, sequence: &Sequence, reason: &str, log: &Log) {
    log.warn("stopping", format!("the run of sequence {}: {reason}", sequence.stem()));
    if let Err(error) = atomic::write(&data.run_file(sequence, "stop"), reason.as_bytes(), 0o600, Durability::Ordinary)
    {
        // it ends all the same; only its status will speak of a shutdown
        log.warn("reason-not-written", error);
    }
    let stopped = Holder::read(&data.run_file(sequence, "holder")).is_none_or(|holder| holder.stop(LIMIT));
    if !stopped {
        log.error("not-stopped", format!("the run of sequence {} does not end", sequence.stem()));
        return;
    }
    if !matches!(State::read(data, sequence), Some(State::Finished(_))) {
        let status = handler.stopped(environment, sequence, reason);
        // it is over either way; only its record may be missing on a full disk
        let _ = State::Finished(status.clone()).write(data, sequence);
        publish(handler, environment, sequence, &status, log);
    }
}
