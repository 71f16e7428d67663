//! Operations as pages show them.

use domain::{
    actor::{Actor, Permission},
    fault::Fault,
    guest_agent::AgentHealth,
    ids::OperationId,
    operation::{Operation, OperationDetail, OperationSummary, TargetState, TargetView, overall_state},
    timestamp::Timestamp,
};
use store::{Conn, TargetRow};

use super::retry::retry_allowed;
use crate::{Control, Error};

impl Control {
    /// One operation with all its machines.
    pub(crate) async fn operation_detail(&self, actor: &Actor, id: OperationId) -> Result<OperationDetail, Error> {
        let mut conn = self.inner.store.read().await?;
        let Some((operation, finished_at)) = conn.operation_get(id).await? else {
            return Err(Fault::not_found(format!("There is no operation {id}.")).into());
        };
        let rows = conn.target_list(id).await?;
        let summary = summary(operation, finished_at, &rows);
        let mut targets = Vec::with_capacity(rows.len());
        let mut forbidden = None;
        for row in rows {
            self.require_read_of(&mut conn, actor, &row).await?;
            if row.target.state.is_bad() && forbidden.is_none() {
                forbidden = self.refusal_on_target(&mut conn, actor, Permission::ChangeExtensions, &row).await?;
            }
            targets.push(self.target_view(&mut conn, actor, row, &summary.operation).await?);
        }
        let rank = |state: TargetState| match state {
            TargetState::Failed | TargetState::TimedOut => 0,
            TargetState::Running => 1,
            TargetState::Queued => 2,
            _ => 3,
        };
        targets.sort_by(|a, b| (rank(a.target.state), &a.vm_name).cmp(&(rank(b.target.state), &b.vm_name)));
        let mut detail = OperationDetail { summary, targets, retry: None, now: self.now() };
        detail.retry = retry_allowed(&detail).err().or(forbidden);
        Ok(detail)
    }

    /// One machine's part with what a page needs beside it.
    pub(crate) async fn target_view(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        row: TargetRow,
        operation: &Operation,
    ) -> Result<TargetView, Error> {
        let vm = if row.target.state.is_open() { conn.vm_get(row.target.vm_id).await? } else { None };
        let health = vm.map_or(AgentHealth::Ready, |vm| self.health_of(&vm));
        let cancel = match row.target.cancel_allowed() {
            Ok(()) => self.refusal_on_target(conn, actor, Permission::ChangeExtensions, &row).await?,
            Err(fault) => Some(fault),
        };
        Ok(TargetView {
            cancel,
            operation: operation.clone(),
            vm_name: row.vm_name.parse()?,
            extension_name: row.extension_name.as_deref().map(str::parse).transpose()?,
            health,
            stdout: row.stdout,
            stderr: row.stderr,
            target: row.target,
        })
    }
}

/// State and counts of an operation from its parts.
pub(crate) fn summary(operation: Operation, finished_at: Option<Timestamp>, rows: &[TargetRow]) -> OperationSummary {
    let counts = TargetState::ALL
        .into_iter()
        .map(|state| (state, rows.iter().filter(|r| r.target.state == state).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(state, n)| (state, u32::try_from(n).unwrap_or(u32::MAX)))
        .collect();
    let mut by_badness: Vec<&TargetRow> = rows.iter().collect();
    by_badness.sort_by_key(|r| !r.target.state.is_bad());
    OperationSummary {
        state: overall_state(rows.iter().map(|r| r.target.state)),
        counts,
        machines: by_badness.iter().filter_map(|r| r.vm_name.parse().ok()).take(5).collect(),
        finished_at,
        operation,
    }
}
