//! Logs that agents collected and sent: the newest few of each machine, in pieces.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    agent_history::{AgentLog, LOGS_KEPT},
    ids::VmId,
    timestamp::Timestamp,
};
use sqlx::Row;

use crate::{
    Conn, Error,
    row::{Reader, count, joined},
};

/// Bytes in one stored piece.
const PIECE: usize = 1 << 20;

impl Conn {
    /// Keeps a log, and drops those of the machine that are too many. Returns its number.
    pub async fn agent_log_add(&mut self, vm: VmId, at: Timestamp, bytes: &[u8]) -> Result<i64, Error> {
        let row = sqlx::query(
            "insert into agent_logs (vm_id, number, at, bytes) \
             values ($1, (select coalesce(max(number), 0) + 1 from agent_logs where vm_id = $1), $2, $3) returning number",
        )
        .bind(vm.to_string())
        .bind(at.millis())
        .bind(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
        .fetch_one(self.db())
        .await?;
        let number: i64 = row.try_get("number")?;
        for (piece, data) in (0_i64..).zip(bytes.chunks(PIECE)) {
            sqlx::query("insert into agent_log_chunks (vm_id, number, piece, data) values ($1, $2, $3, $4)")
                .bind(vm.to_string())
                .bind(number)
                .bind(piece)
                .bind(STANDARD.encode(data))
                .execute(self.db())
                .await?;
        }
        for statement in [
            "delete from agent_log_chunks where vm_id = $1 and number <= $2",
            "delete from agent_logs where vm_id = $1 and number <= $2",
        ] {
            sqlx::query(statement).bind(vm.to_string()).bind(number - i64::from(LOGS_KEPT)).execute(self.db()).await?;
        }
        Ok(number)
    }

    /// The logs of a machine, newest first.
    pub async fn agent_logs(&mut self, vm: VmId) -> Result<Vec<AgentLog>, Error> {
        let rows = sqlx::query("select vm_id, number, at, bytes from agent_logs where vm_id = $1 order by number desc")
            .bind(vm.to_string())
            .fetch_all(self.db())
            .await?;
        let read = |row| {
            let r = Reader::new(row, "agent_logs", "vm_id");
            Ok(AgentLog { number: r.int("number")?, at: r.time("at")?, bytes: count(r.int("bytes")?) })
        };
        rows.iter().map(read).collect()
    }

    /// The bytes of a log.
    pub async fn agent_log_bytes(&mut self, vm: VmId, number: i64) -> Result<Option<Vec<u8>>, Error> {
        let rows = sqlx::query("select data from agent_log_chunks where vm_id = $1 and number = $2 order by piece")
            .bind(vm.to_string())
            .bind(number)
            .fetch_all(self.db())
            .await?;
        joined(&rows, "agent_log_chunks", &vm.to_string())
    }
}
