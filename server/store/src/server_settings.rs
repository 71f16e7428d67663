//! Small facts about this installation, by name.

use crate::{Conn, Error};

impl Conn {
    /// The value under a name.
    pub async fn server_setting_get(&mut self, name: &str) -> Result<Option<String>, Error> {
        let row: Option<(String,)> = sqlx::query_as("select value from server_settings where name = $1")
            .bind(name)
            .fetch_optional(self.db())
            .await?;
        Ok(row.map(|r| r.0))
    }

    /// The value under a name: the one that is there, or `value`, which is kept from now on. Several processes that ask at
    /// the same time agree.
    pub async fn server_setting_once(&mut self, name: &str, value: &str) -> Result<String, Error> {
        sqlx::query("insert into server_settings (name, value) values ($1, $2) on conflict (name) do nothing")
            .bind(name)
            .bind(value)
            .execute(self.db())
            .await?;
        Ok(self.server_setting_get(name).await?.unwrap_or_else(|| value.to_owned()))
    }

    /// Sets the value under a name.
    pub async fn server_setting_put(&mut self, name: &str, value: &str) -> Result<(), Error> {
        sqlx::query(
            "insert into server_settings (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(self.db())
        .await?;
        Ok(())
    }
}
