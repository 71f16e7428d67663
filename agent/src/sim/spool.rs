//! A run journal in memory, with the same numbering as the real one.

use std::collections::BTreeMap;

use agent_protocol::{Acknowledged, Entry, Record, RunKey, RunRecords};

use crate::clock;

#[derive(Debug, Default)]
struct Spooled {
    next: u64,
    waiting: Vec<Record>,
}

/// Records of all runs that the server does not have.
#[derive(Debug, Default)]
pub(super) struct Spool(BTreeMap<RunKey, Spooled>);

impl Spool {
    pub(super) fn push(&mut self, key: &RunKey, entry: Entry) {
        let run = self.0.entry(key.clone()).or_default();
        run.waiting.push(Record { n: run.next, at: clock::now(), entry });
        run.next += 1;
    }

    pub(super) fn pending(&self) -> Vec<RunRecords> {
        let waiting = self.0.iter().filter(|(_, run)| !run.waiting.is_empty());
        waiting.map(|(key, run)| RunRecords { key: key.clone(), records: run.waiting.clone() }).collect()
    }

    pub(super) fn acknowledge(&mut self, acknowledged: &[Acknowledged]) {
        for Acknowledged { key, next } in acknowledged {
            if let Some(run) = self.0.get_mut(key) {
                run.waiting.retain(|record| record.n >= *next);
                run.next = run.next.max(*next);
            }
        }
    }

    /// Forgets runs of incarnations before this one that are delivered.
    pub(super) fn forget_before(&mut self, incarnation: u64) {
        self.0.retain(|key, run| key.incarnation >= incarnation || !run.waiting.is_empty());
    }
}
