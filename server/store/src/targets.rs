//! One machine's part of an operation: the durable row of the state machine.

use domain::{
    generation::{Generation, Incarnation, SequenceNumber},
    ids::{ExtensionId, OperationId, VmId},
    operation::{OperationKind, OperationTarget, TargetState},
    timestamp::Timestamp,
};
use sqlx::any::AnyRow;

use crate::{
    Conn, Error,
    many::{MANY, bind_many, in_many},
    row::{Reader, to_json},
};

/// A target with what only the server needs.
#[derive(Clone, Debug)]
pub struct TargetRow {
    /// The state machine.
    pub target: OperationTarget,
    /// The machine's name when it was accepted.
    pub vm_name: String,
    /// The extension's name.
    pub extension_name: Option<String>,
    /// Handler in lower case.
    pub handler_key: Option<String>,
    /// The revision of the extension that it applies.
    pub revision: Option<i64>,
    /// Standard output of the script as last reported.
    pub stdout: Option<String>,
    /// Standard error.
    pub stderr: Option<String>,
    /// Goal state of the agent's journal that is being received.
    pub run_incarnation: Incarnation,
    /// Our number of that journal's record 0.
    pub run_base: i64,
    /// Number of the next record of ours.
    pub next_record: i64,
    /// Bytes of text kept.
    pub output_bytes: i64,
    /// Lines kept.
    pub output_lines: i64,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "select operation_id, vm_id, vm_name, extension_id, extension_name, handler_key, kind, incarnation, \
             sequence_number, version, state, steps, message, exit_code, fault, stdout, stderr, accepted_at, picked_up_at, \
             finished_at, generation, revision, run_incarnation, run_base, next_record, output_bytes, output_lines \
             from operation_targets ",
            $tail
        )
    };
}

fn read(row: &AnyRow) -> Result<TargetRow, Error> {
    let r = Reader::new(row, "operation_targets", "operation_id");
    Ok(TargetRow {
        target: OperationTarget {
            operation_id: r.parse("operation_id")?,
            kind: r.word("kind", OperationKind::parse)?,
            vm_id: r.parse("vm_id")?,
            extension_id: r.parse_opt("extension_id")?,
            incarnation: Incarnation::new(r.int("incarnation")?),
            sequence_number: r.int_opt("sequence_number")?.map(SequenceNumber::new),
            version: r.parse_opt("version")?,
            state: r.word("state", TargetState::parse)?,
            steps: r.json("steps")?,
            message: r.text("message")?,
            exit_code: r.int_opt("exit_code")?,
            fault: r.json_opt("fault")?,
            accepted_at: r.time("accepted_at")?,
            picked_up_at: r.time_opt("picked_up_at")?,
            finished_at: r.time_opt("finished_at")?,
            generation: Generation::new(r.int("generation")?),
        },
        vm_name: r.text("vm_name")?,
        extension_name: r.text_opt("extension_name")?,
        handler_key: r.text_opt("handler_key")?,
        revision: r.int_opt("revision")?,
        stdout: r.text_opt("stdout")?,
        stderr: r.text_opt("stderr")?,
        run_incarnation: Incarnation::new(r.int("run_incarnation")?),
        run_base: r.int("run_base")?,
        next_record: r.int("next_record")?,
        output_bytes: r.int("output_bytes")?,
        output_lines: r.int("output_lines")?,
    })
}

impl Conn {
    /// A new target.
    pub async fn target_insert(&mut self, row: &TargetRow) -> Result<(), Error> {
        let t = &row.target;
        sqlx::query(
            "insert into operation_targets (operation_id, vm_id, vm_name, extension_id, extension_name, handler_key, kind, \
             incarnation, sequence_number, version, state, open, steps, message, accepted_at, finished_at, generation, \
             revision, run_incarnation, run_base, next_record, output_bytes, output_lines) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 0, 0, 0, 0)",
        )
        .bind(t.operation_id.to_string())
        .bind(t.vm_id.to_string())
        .bind(row.vm_name.clone())
        .bind(t.extension_id.map(|id| id.to_string()))
        .bind(row.extension_name.clone())
        .bind(row.handler_key.clone())
        .bind(t.kind.code())
        .bind(t.incarnation.get())
        .bind(t.sequence_number.map(SequenceNumber::get))
        .bind(t.version.as_ref().map(ToString::to_string))
        .bind(t.state.code())
        .bind(i64::from(t.state.is_open()))
        .bind(to_json(&t.steps))
        .bind(t.message.clone())
        .bind(t.accepted_at.millis())
        .bind(t.finished_at.map(Timestamp::millis))
        .bind(t.generation.get())
        .bind(row.revision)
        .bind(row.run_incarnation.get())
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Writes a target that moved; compare-and-set on the generation it was read with.
    ///
    /// Error: [`Error::Stale`]: another process moved it; read again and observe again.
    pub async fn target_update(&mut self, row: &TargetRow) -> Result<(), Error> {
        let t = &row.target;
        let done = sqlx::query(
            "update operation_targets set state = $3, open = $4, steps = $5, message = $6, exit_code = $7, fault = $8, \
             stdout = $9, stderr = $10, picked_up_at = $11, finished_at = $12, generation = generation + 1 \
             where operation_id = $1 and vm_id = $2 and generation = $13",
        )
        .bind(t.operation_id.to_string())
        .bind(t.vm_id.to_string())
        .bind(t.state.code())
        .bind(i64::from(t.state.is_open()))
        .bind(to_json(&t.steps))
        .bind(t.message.clone())
        .bind(t.exit_code)
        .bind(t.fault.as_ref().map(to_json))
        .bind(row.stdout.clone())
        .bind(row.stderr.clone())
        .bind(t.picked_up_at.map(Timestamp::millis))
        .bind(t.finished_at.map(Timestamp::millis))
        .bind(t.generation.get())
        .execute(self.db())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Error::Stale { table: "operation_targets", id: t.operation_id.to_string() });
        }
        Ok(())
    }

    /// One machine's part of an operation.
    pub async fn target_get(&mut self, operation: OperationId, vm: VmId) -> Result<Option<TargetRow>, Error> {
        let row = sqlx::query(select!("where operation_id = $1 and vm_id = $2"))
            .bind(operation.to_string())
            .bind(vm.to_string())
            .fetch_optional(self.db())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// All parts of an operation, by machine name.
    pub async fn target_list(&mut self, operation: OperationId) -> Result<Vec<TargetRow>, Error> {
        let rows = sqlx::query(select!("where operation_id = $1 order by vm_name, vm_id"))
            .bind(operation.to_string())
            .fetch_all(self.db())
            .await?;
        rows.iter().map(read).collect()
    }

    /// Open parts on one machine, oldest first.
    pub async fn target_open_on(&mut self, vm: VmId) -> Result<Vec<TargetRow>, Error> {
        let rows = sqlx::query(select!("where open = 1 and vm_id = $1 order by accepted_at, operation_id"))
            .bind(vm.to_string())
            .fetch_all(self.db())
            .await?;
        rows.iter().map(read).collect()
    }

    /// All open parts.
    pub async fn target_open_all(&mut self) -> Result<Vec<TargetRow>, Error> {
        let rows =
            sqlx::query(select!("where open = 1 order by accepted_at, operation_id")).fetch_all(self.db()).await?;
        rows.iter().map(read).collect()
    }

    /// Open parts of some machines.
    pub async fn target_open_many(&mut self, vms: &[VmId]) -> Result<Vec<TargetRow>, Error> {
        let mut all = Vec::new();
        for some in vms.chunks(MANY) {
            let query =
                sqlx::query(in_many!(select!("where open = 1 and vm_id "), " order by accepted_at, operation_id"));
            let rows = bind_many(query, some).fetch_all(self.db()).await?;
            for row in &rows {
                all.push(read(row)?);
            }
        }
        Ok(all)
    }

    /// The runs of one extension, newest first.
    pub async fn target_of_extension(&mut self, id: ExtensionId, most: u32) -> Result<Vec<TargetRow>, Error> {
        let rows =
            // not by time: the clock may have been set back
            sqlx::query(select!("where extension_id = $1 order by incarnation desc limit $2"))
                .bind(id.to_string())
                .bind(i64::from(most))
                .fetch_all(self.db())
                .await?;
        rows.iter().map(read).collect()
    }

    /// The newest part that a journal of goal state `incarnation` can belong to: withdrawn and replaced ones never ran.
    pub async fn target_for_run(
        &mut self,
        vm: VmId,
        handler: &str,
        extension: &str,
        incarnation: Incarnation,
    ) -> Result<Option<TargetRow>, Error> {
        let row = sqlx::query(select!(
            "where vm_id = $1 and handler_key = $2 and lower(extension_name) = $3 and incarnation <= $4 \
             and state not in ('canceled', 'superseded') order by incarnation desc, accepted_at desc limit 1"
        ))
        .bind(vm.to_string())
        .bind(handler.to_lowercase())
        .bind(extension.to_lowercase())
        .bind(incarnation.get())
        .fetch_optional(self.db())
        .await?;
        row.as_ref().map(read).transpose()
    }
}
