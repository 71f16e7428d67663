//! Browser sessions, for the session layer of the portal.

use async_trait::async_trait;
use sqlx::Row;
use time::OffsetDateTime;
use tower_sessions_core::{
    ExpiredDeletion, SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use crate::Store;

/// The session table behind [`SessionStore`]. Reads the clock only to leave out what has expired.
#[derive(Clone, Debug)]
pub struct Sessions(Store);

impl Sessions {
    /// Sessions of this database.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let data = serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
            let mut tx = self.0.begin().await.map_err(backend)?;
            let made = sqlx::query(
                "insert into sessions (id, data, expires_at) values ($1, $2, $3) on conflict (id) do nothing",
            )
            .bind(record.id.to_string())
            .bind(data)
            .bind(record.expiry_date.unix_timestamp())
            .execute(tx.db())
            .await
            .map_err(backend)?;
            tx.commit().await.map_err(backend)?;
            if made.rows_affected() == 1 {
                return Ok(());
            }
            record.id = Id::default(); // taken: never overwrite somebody else's session
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
        let mut tx = self.0.begin().await.map_err(backend)?;
        // never an insert: a request that was under way while somebody signed out must not bring the session back
        sqlx::query("update sessions set data = $2, expires_at = $3 where id = $1")
            .bind(record.id.to_string())
            .bind(data)
            .bind(record.expiry_date.unix_timestamp())
            .execute(tx.db())
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let mut conn = self.0.read().await.map_err(backend)?;
        let row = sqlx::query("select data, expires_at from sessions where id = $1 and expires_at > $2")
            .bind(id.to_string())
            .bind(OffsetDateTime::now_utc().unix_timestamp())
            .fetch_optional(conn.db())
            .await
            .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let (data, expires_at): (String, i64) = (row.try_get(0).map_err(backend)?, row.try_get(1).map_err(backend)?);
        Ok(Some(Record {
            id: *id,
            data: serde_json::from_str(&data).map_err(|e| Error::Decode(e.to_string()))?,
            expiry_date: OffsetDateTime::from_unix_timestamp(expires_at).map_err(|e| Error::Decode(e.to_string()))?,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let mut tx = self.0.begin().await.map_err(backend)?;
        sqlx::query("delete from sessions where id = $1")
            .bind(id.to_string())
            .execute(tx.db())
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}

#[async_trait]
impl ExpiredDeletion for Sessions {
    async fn delete_expired(&self) -> Result<()> {
        let mut tx = self.0.begin().await.map_err(backend)?;
        sqlx::query("delete from sessions where expires_at < $1")
            .bind(OffsetDateTime::now_utc().unix_timestamp())
            .execute(tx.db())
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}
