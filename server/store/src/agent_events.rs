//! The history of machines' agents. Bounded for each machine: what tells how it stood is kept longest.

use domain::{
    agent_days::Standing,
    agent_event::{AgentEvent, AgentEventKind, DETAIL_LONGEST},
    ids::{AgentEventId, VmId},
    page::{Page, PageRequest},
    timestamp::Timestamp,
};
use sqlx::Row;

use crate::{
    Conn, Error,
    row::{Reader, count},
};

/// How long lines are kept; the newest that tells how a machine stood before is kept beyond.
const KEPT_MS: i64 = 40 * 86_400_000;
/// Most lines of one machine that tell how it stood, and most others.
const MOST: (i64, i64) = (5_000, 1_000);

impl Conn {
    /// A line. `id` rises with time.
    pub async fn agent_event_add(&mut self, vm: VmId, id: AgentEventId, event: &AgentEvent) -> Result<(), Error> {
        sqlx::query(
            "insert into agent_events (id, vm_id, at, kind, subject, detail, standing) values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id.to_string())
        .bind(vm.to_string())
        .bind(event.at.millis())
        .bind(event.kind.code())
        .bind(event.subject.clone())
        .bind(event.detail.chars().take(DETAIL_LONGEST).collect::<String>())
        .bind(event.standing.map(Standing::code))
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// One page of a machine's lines, newest first.
    pub async fn agent_event_page(&mut self, vm: VmId, page: PageRequest) -> Result<Page<AgentEvent>, Error> {
        let total: i64 = sqlx::query("select count(*) from agent_events where vm_id = $1")
            .bind(vm.to_string())
            .fetch_one(self.db())
            .await?
            .try_get(0)?;
        let rows = sqlx::query(
            "select id, at, kind, subject, detail, standing from agent_events where vm_id = $1 \
             order by at desc, id desc limit $2 offset $3",
        )
        .bind(vm.to_string())
        .bind(i64::from(page.size))
        .bind(page.offset())
        .fetch_all(self.db())
        .await?;
        let read = |row| {
            let r = Reader::new(row, "agent_events", "id");
            let standing = match r.text_opt("standing")? {
                Some(_) => Some(r.word("standing", Standing::parse)?),
                None => None,
            };
            Ok(AgentEvent {
                at: r.time("at")?,
                kind: r.word("kind", AgentEventKind::parse)?,
                subject: r.text_opt("subject")?,
                detail: r.text("detail")?,
                standing,
            })
        };
        Ok(Page { items: rows.iter().map(read).collect::<Result<_, Error>>()?, total: count(total), request: page })
    }

    /// How a machine stood when `since` was, if that is known, and every change from then on, oldest first.
    pub async fn agent_standings(
        &mut self,
        vm: VmId,
        since: Timestamp,
    ) -> Result<(Option<Standing>, Vec<(Timestamp, Standing)>), Error> {
        let before = sqlx::query(
            "select id, at, standing from agent_events where vm_id = $1 and standing is not null and at < $2 \
             order by at desc, id desc limit 1",
        )
        .bind(vm.to_string())
        .bind(since.millis())
        .fetch_optional(self.db())
        .await?;
        let after = sqlx::query(
            "select id, at, standing from agent_events where vm_id = $1 and standing is not null and at >= $2 order by at, id",
        )
        .bind(vm.to_string())
        .bind(since.millis())
        .fetch_all(self.db())
        .await?;
        let standing = |row| Reader::new(row, "agent_events", "id").word("standing", Standing::parse);
        let change = |row| Ok((Reader::new(row, "agent_events", "id").time("at")?, standing(row)?));
        Ok((before.as_ref().map(standing).transpose()?, after.iter().map(change).collect::<Result<_, Error>>()?))
    }

    /// Drops what is old or too much.
    pub async fn agent_events_drop(&mut self, now: Timestamp) -> Result<(), Error> {
        sqlx::query(
            "delete from agent_events where at < $1 and (standing is null or exists (select 1 from agent_events n \
             where n.vm_id = agent_events.vm_id and n.standing is not null and n.at < $1 \
             and (n.at > agent_events.at or (n.at = agent_events.at and n.id > agent_events.id))))",
        )
        .bind(now.plus_millis(-KEPT_MS).millis())
        .execute(self.db())
        .await?;
        for (tells, most) in [(1, MOST.0), (0, MOST.1)] {
            let crowded = sqlx::query(
                "select vm_id from agent_events where case when standing is null then 0 else 1 end = $1 \
                 group by vm_id having count(*) > $2",
            )
            .bind(tells)
            .bind(most)
            .fetch_all(self.db())
            .await?;
            for row in &crowded {
                sqlx::query(
                    "delete from agent_events where id in (select id from agent_events where vm_id = $1 \
                     and case when standing is null then 0 else 1 end = $2 order by at desc, id desc limit $4 offset $3)",
                )
                .bind(row.try_get::<String, _>("vm_id")?)
                .bind(tells)
                .bind(most)
                .bind(i64::from(u32::MAX))
                .execute(self.db())
                .await?;
            }
        }
        Ok(())
    }
}
