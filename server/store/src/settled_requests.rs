//! Requests of the ARM API that were done when they were answered: their clients still follow the address they got.

use domain::{ids::OperationId, timestamp::Timestamp};

use crate::{Conn, Error};

impl Conn {
    /// Notes a request that is done.
    pub async fn settled_request_insert(
        &mut self,
        id: OperationId,
        accepted_at: Timestamp,
        ended_at: Timestamp,
    ) -> Result<(), Error> {
        sqlx::query("insert into settled_requests (id, accepted_at, ended_at) values ($1, $2, $3)")
            .bind(id.to_string())
            .bind(accepted_at.millis())
            .bind(ended_at.millis())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// When it was accepted and when it ended.
    pub async fn settled_request_get(&mut self, id: OperationId) -> Result<Option<(Timestamp, Timestamp)>, Error> {
        let row: Option<(i64, i64)> =
            sqlx::query_as("select accepted_at, ended_at from settled_requests where id = $1")
                .bind(id.to_string())
                .fetch_optional(self.db())
                .await?;
        Ok(row.map(|(accepted, ended)| (Timestamp::from_millis(accepted), Timestamp::from_millis(ended))))
    }

    /// Forgets those that ended before.
    pub async fn settled_request_tidy(&mut self, before: Timestamp) -> Result<(), Error> {
        sqlx::query("delete from settled_requests where ended_at < $1")
            .bind(before.millis())
            .execute(self.db())
            .await?;
        Ok(())
    }
}
