//! Tokens that are kept in images; only their hashes are kept.

use domain::{enrolment::ImageToken, ids::ImageTokenId, timestamp::Timestamp};
use sqlx::any::AnyRow;

use crate::{
    Conn, Error,
    row::{Reader, count},
};

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "select id, name_prefix, created_by, created_at, expires_at, uses_allowed, uses, revoked_at from image_tokens ",
            $tail
        )
    };
}

fn read(row: &AnyRow) -> Result<ImageToken, Error> {
    let r = Reader::new(row, "image_tokens", "id");
    let number = |column| Ok::<_, Error>(u32::try_from(count(r.int(column)?)).unwrap_or(u32::MAX));
    Ok(ImageToken {
        id: r.parse("id")?,
        name_prefix: r.text("name_prefix")?,
        created_by: r.text("created_by")?,
        created_at: r.time("created_at")?,
        expires_at: r.time("expires_at")?,
        uses_allowed: number("uses_allowed")?,
        uses: number("uses")?,
        revoked_at: r.time_opt("revoked_at")?,
    })
}

impl Conn {
    /// A new token. `token_hash`: SHA-256 of it, hex.
    pub async fn image_token_insert(&mut self, token: &ImageToken, token_hash: &str) -> Result<(), Error> {
        sqlx::query(
            "insert into image_tokens (id, token_hash, name_prefix, created_by, created_at, expires_at, uses_allowed, uses) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(token.id.to_string())
        .bind(token_hash.to_owned())
        .bind(token.name_prefix.clone())
        .bind(token.created_by.clone())
        .bind(token.created_at.millis())
        .bind(token.expires_at.millis())
        .bind(i64::from(token.uses_allowed))
        .bind(i64::from(token.uses))
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// All tokens, newest first.
    pub async fn image_token_list(&mut self) -> Result<Vec<ImageToken>, Error> {
        let rows = sqlx::query(select!("order by created_at desc, id desc")).fetch_all(self.db()).await?;
        rows.iter().map(read).collect()
    }

    /// One token.
    pub async fn image_token_get(&mut self, id: ImageTokenId) -> Result<Option<ImageToken>, Error> {
        let row = sqlx::query(select!("where id = $1")).bind(id.to_string()).fetch_optional(self.db()).await?;
        row.as_ref().map(read).transpose()
    }

    /// The token with this hash, whether it works or not.
    pub async fn image_token_by_hash(&mut self, token_hash: &str) -> Result<Option<ImageToken>, Error> {
        let row =
            sqlx::query(select!("where token_hash = $1")).bind(token_hash.to_owned()).fetch_optional(self.db()).await?;
        row.as_ref().map(read).transpose()
    }

    /// Takes one use; false when none is left or it was revoked meanwhile.
    pub async fn image_token_use(&mut self, id: ImageTokenId) -> Result<bool, Error> {
        let done = sqlx::query(
            "update image_tokens set uses = uses + 1 where id = $1 and uses < uses_allowed and revoked_at is null",
        )
        .bind(id.to_string())
        .execute(self.db())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes it back; false when that was done already.
    pub async fn image_token_revoke(&mut self, id: ImageTokenId, at: Timestamp) -> Result<bool, Error> {
        let done = sqlx::query("update image_tokens set revoked_at = $2 where id = $1 and revoked_at is null")
            .bind(id.to_string())
            .bind(at.millis())
            .execute(self.db())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
