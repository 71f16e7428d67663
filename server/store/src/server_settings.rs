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
