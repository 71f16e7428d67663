//! When servers were up: what nobody heard while none was there is unknown.

use domain::{ids::ServerLifeId, timestamp::Timestamp};

use crate::{Conn, Error, row::Reader};

/// How long a life is remembered: longer than any strip of days.
const KEPT_MS: i64 = 40 * 86_400_000;

impl Conn {
    /// A server process is up since `started_at`, and is so at `now`.
    pub async fn server_lives_on(
        &mut self,
        id: ServerLifeId,
        started_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), Error> {
        sqlx::query(
            "insert into server_lives (id, started_at, last_at) values ($1, $2, $3) \
             on conflict (id) do update set last_at = excluded.last_at",
        )
        .bind(id.to_string())
        .bind(started_at.millis())
        .bind(now.millis())
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// From when to when servers were up, as far as that touches the time since `since`; oldest first.
    pub async fn server_lives(&mut self, since: Timestamp) -> Result<Vec<(Timestamp, Timestamp)>, Error> {
        let rows =
            sqlx::query("select id, started_at, last_at from server_lives where last_at >= $1 order by started_at")
                .bind(since.millis())
                .fetch_all(self.db())
                .await?;
        let read = |row| {
            let r = Reader::new(row, "server_lives", "id");
            Ok((r.time("started_at")?, r.time("last_at")?))
        };
        rows.iter().map(read).collect()
    }

    /// Forgets lives that ended long ago.
    pub async fn server_lives_drop(&mut self, now: Timestamp) -> Result<(), Error> {
        sqlx::query("delete from server_lives where last_at < $1")
            .bind(now.plus_millis(-KEPT_MS).millis())
            .execute(self.db())
            .await?;
        Ok(())
    }
}
