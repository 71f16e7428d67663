//! Counts that span everything.

use domain::{guest_agent::HealthWord, timestamp::Timestamp};

use crate::{
    Conn, Error,
    health::{health_word, limits},
    row::count,
};

impl Conn {
    /// Machines by agent health, and the number of extensions.
    pub async fn health_counts(&mut self, now: Timestamp) -> Result<(Vec<(HealthWord, u64)>, u64), Error> {
        let [silent, unasked, unreported] = limits(now);
        let rows: Vec<(String, i64)> = sqlx::query_as(concat!(
            "select word, count(*) from (select ",
            health_word!("$1", "$2", "$3"),
            " as word from vms v left join guest_agents a on a.vm_id = v.id) as healths group by word",
        ))
        .bind(silent)
        .bind(unasked)
        .bind(unreported)
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
