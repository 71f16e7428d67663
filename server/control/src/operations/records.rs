//! Steps and lines that an agent streams: stored once each, whatever is sent again.
//!
//! An agent numbers the records of a run from 0 in a journal of its own. A target may be carried by more than one journal
//! (the agent saw goal state 5, then 6, before it began), so our number is the journal's number plus `run_base`.

use domain::{
    generation::Incarnation,
    ids::VmId,
    live::Topic,
    operation::Observation,
    run_output::{OUTPUT_CAP_BYTES, OUTPUT_CAP_LINES, OutputEntry, OutputRecord},
    timestamp::Timestamp,
};
use store::{TargetRow, Tx};

use super::driver::Touched;
use crate::{Control, Error};

/// Records of one run, as an agent sent them.
#[derive(Clone, Debug)]
pub struct RunBatch {
    /// Goal state of the run.
    pub incarnation: Incarnation,
    /// `Publisher.Type`.
    pub handler: String,
    /// Extension name.
    pub extension: String,
    /// In order, without gaps.
    pub records: Vec<RunRecord>,
}

/// One record with the agent's number.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// From 0 in each run.
    pub n: u64,
    /// By the machine's clock.
    pub at: Timestamp,
    /// What it holds.
    pub entry: OutputEntry,
}

/// What the server has of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunAck {
    /// Goal state of the run.
    pub incarnation: Incarnation,
    /// `Publisher.Type`.
    pub handler: String,
    /// Extension name.
    pub extension: String,
    /// The record that the server wants next.
    pub next: u64,
}

/// Longest line kept, in bytes; the rest of it is cut.
const LINE_LONGEST: usize = 16 * 1024;

impl Control {
    /// Stores records. Repeats are ignored; after a gap the answer names the record that is missing. `sent_at`: what the
    /// machine's clock showed when it sent them, if it said so; a clock that is wrong is put right by it.
    pub async fn records_put(
        &self,
        vm: VmId,
        sent_at: Option<Timestamp>,
        mut runs: Vec<RunBatch>,
    ) -> Result<Vec<RunAck>, Error> {
        let now = self.now();
        for record in runs.iter_mut().flat_map(|run| &mut run.records) {
            record.at = sent_at.map_or(record.at, |theirs| record.at.by_our_clock(theirs, now));
        }
        let mut tries = 0;
        loop {
            match self.records_try(vm, &runs).await {
                Err(error) if error.is_stale() && tries < 5 => tries += 1,
                other => return other,
            }
        }
    }

    async fn records_try(&self, vm: VmId, runs: &[RunBatch]) -> Result<Vec<RunAck>, Error> {
        let mut tx = self.inner.store.begin().await?;
        let mut touched = Touched::default();
        let mut acks = Vec::with_capacity(runs.len());
        for run in runs {
            let next = match tx.target_for_run(vm, &run.handler, &run.extension, run.incarnation).await? {
                Some(row) => self.run_put(&mut tx, row, run, &mut touched).await?,
                // nothing waits for this run (the agent re-enabled after a restart): take note of it and let it go
                None => run.records.last().map_or(0, |last| last.n + 1),
            };
            let (incarnation, handler, extension) = (run.incarnation, run.handler.clone(), run.extension.clone());
            acks.push(RunAck { incarnation, handler, extension, next });
        }
        self.commit(tx, touched).await?;
        Ok(acks)
    }

    async fn run_put(
        &self,
        tx: &mut Tx,
        mut row: TargetRow,
        run: &RunBatch,
        touched: &mut Touched,
    ) -> Result<u64, Error> {
        if run.incarnation < row.run_incarnation {
            return Ok(run.records.last().map_or(0, |last| last.n + 1)); // a journal that a newer one replaced
        }
        let seen = (row.next_record, row.run_incarnation);
        if run.incarnation > row.run_incarnation {
            (row.run_incarnation, row.run_base) = (run.incarnation, row.next_record);
        }
        let base = u64::try_from(row.run_base).unwrap_or(0);
        let mut next = u64::try_from(row.next_record).unwrap_or(0);
        let mut observations = Vec::new();
        for record in &run.records {
            let n = base + record.n;
            if n < next {
                continue;
            }
            if n > next {
                break; // a gap: say what is missing
            }
            next += 1;
            let Some(entry) = self.within_cap(&mut row, &record.entry) else { continue };
            if let OutputEntry::Step { step, phase, duration_ms, detail } = &entry {
                observations.push(Observation::Step {
                    incarnation: run.incarnation,
                    name: *step,
                    phase: *phase,
                    at: record.at,
                    duration_ms: *duration_ms,
                    detail: detail.clone(),
                });
            }
            let stored = OutputRecord { n, at: record.at, entry };
            tx.run_record_insert(row.target.operation_id, row.target.vm_id, &stored).await?;
        }
        row.next_record = i64::try_from(next).unwrap_or(i64::MAX);
        if (row.next_record, row.run_incarnation) != seen {
            if !tx.run_cursor_put(&row, seen.0, seen.1).await? {
                return Err(store::Error::Stale {
                    table: "operation_targets",
                    id: row.target.operation_id.to_string(),
                }
                .into());
            }
            touched.topic(Topic::Output(row.target.operation_id, row.target.vm_id));
        }
        for seen in &observations {
            row = self.observe(tx, row, seen, touched).await?;
        }
        // the run is over and its result may have come first
        let over = observations.iter().any(|o| matches!(o, Observation::Step { phase, .. } if phase.is_over()));
        if over && row.target.state.is_open() {
            self.judge_stored_report(tx, row, touched).await?;
        }
        Ok(next - base)
    }

    /// Bounds what one run may fill the database with; `None` drops the record.
    fn within_cap(&self, row: &mut TargetRow, entry: &OutputEntry) -> Option<OutputEntry> {
        let OutputEntry::Line { stream, text } = entry else { return Some(entry.clone()) };
        let cut = text.char_indices().map(|(at, _)| at).take_while(|at| *at < LINE_LONGEST).count();
        let text: String = text.chars().take(cut).collect();
        row.output_lines += 1;
        row.output_bytes += i64::try_from(text.len()).unwrap_or(i64::MAX);
        let over = u64::try_from(row.output_bytes).unwrap_or(0) > OUTPUT_CAP_BYTES + LINE_LONGEST as u64
            || u64::try_from(row.output_lines).unwrap_or(0) > OUTPUT_CAP_LINES + 100;
        (!over).then_some(OutputEntry::Line { stream: *stream, text })
    }
}
