//! Ending runs that newer settings, or a removal, make pointless.

use std::time::Duration;

use handler_sdk::environment::Environment;
use handler_sdk::holder::Holder;
use handler_sdk::lease::Lease;
use handler_sdk::log::Log;
use handler_sdk::sequence::Sequence;
use handler_sdk::supervise::GRACE;

use crate::codes;
use crate::data::Data;
use crate::failure::Failure;
use crate::publish::publish;
use crate::report;
use crate::state::State;

/// A run ends its command within its grace, then writes its status.
const LIMIT: Duration = GRACE.saturating_add(Duration::from_secs(2));

/// Ends every run but that of `except`, and says so in their statuses.
pub fn stop_all(environment: &Environment, except: Option<&Sequence>, reason: &str, log: &Log) {
    let data = Data::of(environment);
    for sequence in data.known_runs().iter().filter(|sequence| Some(*sequence) != except) {
        if Lease::is_held(&data.run_file(sequence, "lease")) {
            stop(environment, &data, sequence, reason, log);
        }
    }
}

fn stop(environment: &Environment, data: &Data, sequence: &Sequence, reason: &str, log: &Log) {
    log.warn("stopping", format!("the run of sequence {}: {reason}", sequence.stem()));
    let stopped = Holder::read(&data.run_file(sequence, "holder")).is_none_or(|holder| holder.stop(LIMIT));
    if !stopped {
        log.error("not-stopped", format!("the run of sequence {} does not end", sequence.stem()));
        return;
    }
    if !matches!(State::read(data, sequence), Some(State::Finished(_))) {
        let failure = Failure::new(codes::INTERRUPTED, format!("the run was stopped: {reason}"));
        let status = report::failed(&failure, &handler_sdk::redact::Redactor::default());
        // it is over either way; only its record may be missing on a full disk
        let _ = State::Finished(status.clone()).write(data, sequence);
        publish(environment, sequence, &status, log);
    }
}
