//! The keys that tokens are signed with. The private part comes here sealed.

use domain::timestamp::Timestamp;
use sqlx::any::AnyRow;

use crate::{Conn, Error, row::Reader};

/// One signing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKeyRow {
    /// Its id, as tokens name it (`kid`).
    pub id: String,
    /// RSA modulus, base64url without padding.
    pub modulus: String,
    /// RSA public exponent, likewise.
    pub exponent: String,
    /// The private key, sealed.
    pub private_key: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a newer one took its place; it only verifies since then.
    pub retired_at: Option<Timestamp>,
}

macro_rules! select {
    ($tail:literal) => {
        concat!("select id, modulus, exponent, private_key, created_at, retired_at from token_keys ", $tail)
    };
}

fn read(row: &AnyRow) -> Result<TokenKeyRow, Error> {
    let r = Reader::new(row, "token_keys", "id");
    Ok(TokenKeyRow {
        id: r.text("id")?,
        modulus: r.text("modulus")?,
        exponent: r.text("exponent")?,
        private_key: r.text("private_key")?,
        created_at: r.time("created_at")?,
        retired_at: r.time_opt("retired_at")?,
    })
}

impl Conn {
    /// All keys, newest first.
    pub async fn token_key_list(&mut self) -> Result<Vec<TokenKeyRow>, Error> {
        let rows = sqlx::query(select!("order by created_at desc, id desc")).fetch_all(self.db()).await?;
        rows.iter().map(read).collect()
    }

    /// One key.
    pub async fn token_key_get(&mut self, id: &str) -> Result<Option<TokenKeyRow>, Error> {
        let row = sqlx::query(select!("where id = $1")).bind(id.to_owned()).fetch_optional(self.db()).await?;
        row.as_ref().map(read).transpose()
    }

    /// A new key; those before it only verify from now on.
    pub async fn token_key_insert(&mut self, row: &TokenKeyRow) -> Result<(), Error> {
        sqlx::query("update token_keys set retired_at = $1 where retired_at is null")
            .bind(row.created_at.millis())
            .execute(self.db())
            .await?;
        sqlx::query(
            "insert into token_keys (id, modulus, exponent, private_key, created_at, retired_at) values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(row.id.clone())
        .bind(row.modulus.clone())
        .bind(row.exponent.clone())
        .bind(row.private_key.clone())
        .bind(row.created_at.millis())
        .bind(row.retired_at.map(Timestamp::millis))
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Forgets keys that were retired before `then`.
    pub async fn token_keys_drop(&mut self, then: Timestamp) -> Result<(), Error> {
        sqlx::query("delete from token_keys where retired_at is not null and retired_at < $1")
            .bind(then.millis())
            .execute(self.db())
            .await?;
        Ok(())
    }
}
