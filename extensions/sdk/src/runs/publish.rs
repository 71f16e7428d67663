//! Getting a status to where the agent looks, even when the version changes while a script runs.

use super::{Data, Handler};
use crate::environment::Environment;
use crate::log::Log;
use crate::sequence::Sequence;
use crate::status::{Status, StatusFile};

/// Writes `status` into the status folder of the package in charge; `own` is the package this process was started
/// from. When the package in charge changes meanwhile, the status is written there as well.
pub fn publish(handler: &dyn Handler, own: &Environment, sequence: &Sequence, status: &Status, log: &Log) {
    let data = Data::of(handler, own);
    let mut home = data.home();
    loop {
        let loaded = home.as_deref().and_then(|home| Environment::load(home).ok());
        let environment = loaded.as_ref().unwrap_or(own);
        if let Err(error) = StatusFile::new(environment, sequence, handler.name()).write(status) {
            // the state keeps it; the next enable shows it
            log.warn("status-not-written", error);
        }
        let now = data.home();
        if now == home {
            return;
        }
        home = now;
    }
}
