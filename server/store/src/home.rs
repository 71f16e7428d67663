//! Counts that span everything.

use domain::{
    guest_agent::{HealthWord, SILENT_AFTER_MS, SILENT_AFTER_POLLING_MS},
    timestamp::Timestamp,
};

use crate::{Conn, Error, row::count};

impl Conn {
    /// Machines by agent health, and the number of extensions.
    pub async fn health_counts(&mut self, now: Timestamp) -> Result<(Vec<(HealthWord, u64)>, u64), Error> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "select word, count(*) from (select case when a.vm_id is null then 'not-installed' \
             when v.power in ('stopped', 'stopping') then 'off' when a.last_contact_at is null then 'never-seen' \
             when a.last_contact_at < (case when a.kind = 'waagent' then $2 else $1 end) then 'not-responding' else 'ready' end as word \
             from vms v left join guest_agents a on a.vm_id = v.id) as healths group by word",
        )
        .bind(now.millis() - SILENT_AFTER_MS)
        .bind(now.millis() - SILENT_AFTER_POLLING_MS)
        .fetch_all(self.db())
        .await?;
        let (extensions,): (i64,) = sqlx::query_as("select count(*) from extensions").fetch_one(self.db()).await?;
        let words = HealthWord::ALL
            .into_iter()
            .filter_map(|word| rows.iter().find(|(code, _)| code == word.code()).map(|(_, n)| (word, count(*n))))
            .collect();
        Ok((words, count(extensions)))
    }
}
