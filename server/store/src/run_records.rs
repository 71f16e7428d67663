//! Steps and lines of runs, in one numbered sequence for each machine's part of an operation.

use std::time::Duration;

use domain::{
    generation::Incarnation,
    ids::{OperationId, VmId},
    run_output::OutputRecord,
    timestamp::Timestamp,
};

use crate::{
    Conn, Error, TargetRow,
    row::{Reader, count, to_json},
};

/// Dropping what many runs said may take this long.
const DROP: Duration = Duration::from_secs(120);

impl Conn {
    /// Adds one record.
    pub async fn run_record_insert(
        &mut self,
        operation: OperationId,
        vm: VmId,
        record: &OutputRecord,
    ) -> Result<(), Error> {
        sqlx::query("insert into run_records (operation_id, vm_id, n, at, entry) values ($1, $2, $3, $4, $5)")
            .bind(operation.to_string())
            .bind(vm.to_string())
            .bind(i64::try_from(record.n).unwrap_or(i64::MAX))
            .bind(record.at.millis())
            .bind(to_json(&record.entry))
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Moves a target's place in the agent's journal; false when another process moved it first.
    pub async fn run_cursor_put(
        &mut self,
        row: &TargetRow,
        seen_next: i64,
        seen_run: Incarnation,
    ) -> Result<bool, Error> {
        let done = sqlx::query(
            "update operation_targets set run_incarnation = $3, run_base = $4, next_record = $5, output_bytes = $6, \
             output_lines = $7 where operation_id = $1 and vm_id = $2 and next_record = $8 and run_incarnation = $9",
        )
        .bind(row.target.operation_id.to_string())
        .bind(row.target.vm_id.to_string())
        .bind(row.run_incarnation.get())
        .bind(row.run_base)
        .bind(row.next_record)
        .bind(row.output_bytes)
        .bind(row.output_lines)
        .bind(seen_next)
        .bind(seen_run.get())
        .execute(self.db())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Records from number `from` on.
    pub async fn run_record_list(
        &mut self,
        operation: OperationId,
        vm: VmId,
        from: u64,
        most: u32,
    ) -> Result<Vec<OutputRecord>, Error> {
        let rows = sqlx::query(
            "select operation_id, n, at, entry from run_records where operation_id = $1 and vm_id = $2 and n >= $3 \
             order by n limit $4",
        )
        .bind(operation.to_string())
        .bind(vm.to_string())
        .bind(i64::try_from(from).unwrap_or(i64::MAX))
        .bind(i64::from(most))
        .fetch_all(self.db())
        .await?;
        rows.iter()
            .map(|row| {
                let r = Reader::new(row, "run_records", "operation_id");
                Ok(OutputRecord { n: count(r.int("n")?), at: r.time("at")?, entry: r.json("entry")? })
            })
            .collect()
    }

    /// Drops the records of operations that were accepted before `before` and have ended.
    pub async fn run_records_drop(&mut self, before: Timestamp) -> Result<(), Error> {
        sqlx::query(
            "delete from run_records where operation_id in (select id from operations where open = 0 and accepted_at < $1)",
        )
        .bind(before.millis())
        .execute(self.db_within(DROP))
        .await?;
        Ok(())
    }
}
