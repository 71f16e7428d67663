//! The activity log: lines are added, never changed.

use domain::{
    activity::{ActivityEntry, ActivityFilter, Outcome},
    ids::{OperationId, VmId},
    page::{Page, PageRequest},
};
use sqlx::{Row, any::AnyRow};

use crate::{
    Conn, Error,
    row::{Reader, count, like},
};

fn read(row: &AnyRow) -> Result<ActivityEntry, Error> {
    let r = Reader::new(row, "activity", "at");
    let vm = match r.parse_opt::<VmId>("vm_id")? {
        Some(id) => Some((id, r.text_opt("vm_name")?.unwrap_or_default())),
        None => None,
    };
    Ok(ActivityEntry {
        number: r.int("number")?,
        at: r.time("at")?,
        actor: r.text("actor")?,
        action: r.text("action")?,
        outcome: r.word("outcome", Outcome::parse)?,
        vm,
        extension: r.text_opt("extension_name")?,
        operation: r.parse_opt::<OperationId>("operation_id")?,
        detail: r.text_opt("detail")?,
    })
}

impl Conn {
    /// Adds a line; its `number` is given here, rising in commit order (the counter's row is the queue).
    pub async fn activity_add(&mut self, entry: &ActivityEntry) -> Result<(), Error> {
        let (number,): (i64,) =
            sqlx::query_as("update counters set value = value + 1 where name = 'activity' returning value")
                .fetch_one(self.db())
                .await?;
        let (vm_id, vm_name) = entry.vm.as_ref().map(|(id, name)| (id.to_string(), name.clone())).unzip();
        let search = format!(
            "{} {} {} {}",
            entry.actor,
            entry.action,
            vm_name.as_deref().unwrap_or_default(),
            entry.extension.as_deref().unwrap_or_default()
        );
        sqlx::query(
            "insert into activity (number, at, actor, action, outcome, vm_id, vm_name, extension_name, operation_id, detail, search_text) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(number)
        .bind(entry.at.millis())
        .bind(entry.actor.clone())
        .bind(entry.action.clone())
        .bind(entry.outcome.label())
        .bind(vm_id)
        .bind(vm_name)
        .bind(entry.extension.clone())
        .bind(entry.operation.map(|id| id.to_string()))
        .bind(entry.detail.clone())
        .bind(search.to_lowercase())
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// One page, newest first.
    pub async fn activity_page(
        &mut self,
        filter: &ActivityFilter,
        page: PageRequest,
    ) -> Result<Page<ActivityEntry>, Error> {
        let pattern = like(&filter.text);
        let vm = filter.vm.map(|id| id.to_string()).unwrap_or_default();
        let outcome = filter.outcome.map(Outcome::label).unwrap_or_default();
        let total: i64 = sqlx::query(
            "select count(*) from activity where search_text like $1 escape '\\' and ($2 = '' or vm_id = $2) and ($3 = '' or outcome = $3)",
        )
        .bind(pattern.clone())
        .bind(vm.clone())
        .bind(outcome)
        .fetch_one(self.db())
        .await?
        .try_get(0)?;
        let rows = sqlx::query(
            "select number, at, actor, action, outcome, vm_id, vm_name, extension_name, operation_id, detail from activity \
             where search_text like $1 escape '\\' and ($2 = '' or vm_id = $2) and ($3 = '' or outcome = $3) \
             order by number desc limit $4 offset $5",
        )
        .bind(pattern)
        .bind(vm)
        .bind(outcome)
        .bind(i64::from(page.size))
        .bind(page.offset())
        .fetch_all(self.db())
        .await?;
        Ok(Page { items: rows.iter().map(read).collect::<Result<_, _>>()?, total: count(total), request: page })
    }
}
