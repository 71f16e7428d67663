//! Operations: the requests; their parts are in `targets`.

use domain::{
    ids::OperationId,
    operation::{Operation, OperationFilter, OperationKind},
    page::{Page, PageRequest},
    timestamp::Timestamp,
};
use sqlx::{Row, any::AnyRow};

use crate::{
    Conn, Error,
    row::{Reader, count, like},
};

macro_rules! select {
    ($tail:literal) => {
        concat!("select id, kind, subject, actor, accepted_at, finished_at, retry_of from operations ", $tail)
    };
}

fn read(row: &AnyRow) -> Result<(Operation, Option<Timestamp>), Error> {
    let r = Reader::new(row, "operations", "id");
    let operation = Operation {
        id: r.parse("id")?,
        kind: r.word("kind", OperationKind::parse)?,
        subject: r.text("subject")?,
        actor: r.text("actor")?,
        accepted_at: r.time("accepted_at")?,
        retry_of: r.parse_opt("retry_of")?,
    };
    Ok((operation, r.time_opt("finished_at")?))
}

impl Conn {
    /// A new operation; `machines` are the names it can be found by.
    pub async fn operation_insert(&mut self, operation: &Operation, machines: &[String]) -> Result<(), Error> {
        let search = format!("{} {} {}", operation.title(), operation.actor, machines.join(" ")).to_lowercase();
        sqlx::query(
            "insert into operations (id, kind, subject, actor, accepted_at, open, failed, retry_of, search_text) \
             values ($1, $2, $3, $4, $5, 1, 0, $6, $7)",
        )
        .bind(operation.id.to_string())
        .bind(operation.kind.code())
        .bind(operation.subject.clone())
        .bind(operation.actor.clone())
        .bind(operation.accepted_at.millis())
        .bind(operation.retry_of.map(|id| id.to_string()))
        .bind(search)
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Recomputes from its parts whether an operation is open, failed, and when it ended.
    pub async fn operation_settle(&mut self, id: OperationId) -> Result<(), Error> {
        sqlx::query(
            "update operations set \
             open = (select coalesce(max(t.open), 0) from operation_targets t where t.operation_id = operations.id), \
             failed = (select count(*) from operation_targets t where t.operation_id = operations.id and t.state in ('failed', 'timed-out')), \
             finished_at = case when (select coalesce(max(t.open), 0) from operation_targets t where t.operation_id = operations.id) = 1 then null \
                 else (select max(t.finished_at) from operation_targets t where t.operation_id = operations.id) end \
             where id = $1",
        )
        .bind(id.to_string())
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// One operation with the time it ended.
    pub async fn operation_get(&mut self, id: OperationId) -> Result<Option<(Operation, Option<Timestamp>)>, Error> {
        let row = sqlx::query(select!("where id = $1")).bind(id.to_string()).fetch_optional(self.db()).await?;
        row.as_ref().map(read).transpose()
    }

    /// One page, open ones first, then newest first.
    pub async fn operation_page(
        &mut self,
        filter: &OperationFilter,
        page: PageRequest,
    ) -> Result<Page<(Operation, Option<Timestamp>)>, Error> {
        let pattern = like(&filter.text);
        let (open, failed) = (i64::from(filter.open_only), i64::from(filter.failed_only));
        let total: i64 = sqlx::query(
            "select count(*) from operations where search_text like $1 escape '\\' and ($2 = 0 or open = 1) and ($3 = 0 or failed > 0)",
        )
        .bind(pattern.clone())
        .bind(open)
        .bind(failed)
        .fetch_one(self.db())
        .await?
        .try_get(0)?;
        let rows = sqlx::query(select!(
            "where search_text like $1 escape '\\' and ($2 = 0 or open = 1) and ($3 = 0 or failed > 0) \
             order by open desc, accepted_at desc, id desc limit $4 offset $5"
        ))
        .bind(pattern)
        .bind(open)
        .bind(failed)
        .bind(i64::from(page.size))
        .bind(page.offset())
        .fetch_all(self.db())
        .await?;
        Ok(Page { items: rows.iter().map(read).collect::<Result<_, _>>()?, total: count(total), request: page })
    }

    /// Open operations, and those with a failed machine that were accepted after `since`.
    pub async fn operation_counts(&mut self, since: Timestamp) -> Result<(u64, u64), Error> {
        let row: (i64, i64) = sqlx::query_as(
            "select (select count(*) from operations where open = 1), \
             (select count(*) from operations where failed > 0 and accepted_at > $1)",
        )
        .bind(since.millis())
        .fetch_one(self.db())
        .await?;
        Ok((count(row.0), count(row.1)))
    }
}
