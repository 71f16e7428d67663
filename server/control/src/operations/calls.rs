//! What pages ask about operations.

use async_trait::async_trait;
use domain::{
    actor::{Actor, Permission},
    fault::Fault,
    ids::{OperationId, VmId},
    operation::{OperationDetail, OperationFilter, OperationSummary},
    page::{Page, PageRequest},
    portal::OperationCalls,
    run_output::RunOutput,
};

use super::view::summary;
use crate::{Control, Error};

/// Most records in one answer.
const RECORDS_MOST: u32 = 2_000;

#[async_trait]
impl OperationCalls for Control {
    async fn operation_list(
        &self,
        actor: &Actor,
        filter: OperationFilter,
        page: PageRequest,
    ) -> Result<Page<OperationSummary>, Fault> {
        actor.require(Permission::Read)?;
        Ok(self.operation_page(filter, page).await?)
    }

    async fn operation_get(&self, actor: &Actor, id: OperationId) -> Result<OperationDetail, Fault> {
        Ok(self.operation_detail(actor, id).await?)
    }

    async fn operation_output(&self, actor: &Actor, id: OperationId, vm: VmId, from: u64) -> Result<RunOutput, Fault> {
        Ok(self.output(actor, id, vm, from).await?)
    }

    async fn operation_cancel(&self, actor: &Actor, id: OperationId, vm: Option<VmId>) -> Result<(), Fault> {
        Ok(self.cancel(actor, id, vm).await?)
    }

    async fn operation_retry(&self, actor: &Actor, id: OperationId) -> Result<OperationId, Fault> {
        Ok(self.retry(actor, id).await?)
    }
}

impl Control {
    pub(crate) async fn operation_page(
        &self,
        filter: OperationFilter,
        page: PageRequest,
    ) -> Result<Page<OperationSummary>, Error> {
        let mut conn = self.inner.store.read().await?;
        let found = conn.operation_page(&filter, page).await?;
        let mut items = Vec::with_capacity(found.items.len());
        for (operation, finished_at) in found.items {
            let rows = conn.target_list(operation.id).await?;
            items.push(summary(operation, finished_at, &rows));
        }
        Ok(Page { items, total: found.total, request: found.request })
    }

    async fn output(&self, actor: &Actor, id: OperationId, vm: VmId, from: u64) -> Result<RunOutput, Error> {
        let mut conn = self.inner.store.read().await?;
        let Some(row) = conn.target_get(id, vm).await? else {
            return Err(Fault::not_found("That machine is not part of this operation.").into());
        };
        self.require_read_of(&mut conn, actor, &row).await?;
        let records = conn.run_record_list(id, vm, from, RECORDS_MOST).await?;
        let next = records.last().map_or(from, |last| last.n + 1);
        let all = next >= u64::try_from(row.next_record).unwrap_or(0);
        Ok(RunOutput { records, next, complete: all && !row.target.state.is_open() })
    }
}
