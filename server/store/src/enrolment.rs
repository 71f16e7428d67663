//! Single-use enrolment tokens; only their hashes are kept.

use domain::{
    ids::{EnrolmentTokenId, VmId},
    timestamp::Timestamp,
};

use crate::{Conn, Error, row::Reader};

/// One token.
#[derive(Clone, Debug)]
pub struct EnrolmentTokenRow {
    /// Its id.
    pub id: EnrolmentTokenId,
    /// SHA-256 of the token, hex.
    pub token_hash: String,
    /// The registered machine it is for, if for one.
    pub vm_id: Option<VmId>,
    /// Name for the machine that enrols; `None` takes its host name.
    pub vm_name: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

impl Conn {
    /// A new token.
    pub async fn enrolment_token_insert(&mut self, token: &EnrolmentTokenRow) -> Result<(), Error> {
        sqlx::query(
            "insert into enrolment_tokens (id, token_hash, vm_id, vm_name, created_by, created_at, expires_at) \
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(token.id.to_string())
        .bind(token.token_hash.clone())
        .bind(token.vm_id.map(|id| id.to_string()))
        .bind(token.vm_name.clone())
        .bind(token.created_by.clone())
        .bind(token.created_at.millis())
        .bind(token.expires_at.millis())
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// The token with this hash, used or not.
    pub async fn enrolment_token_get(&mut self, token_hash: &str) -> Result<Option<EnrolmentTokenRow>, Error> {
        let row = sqlx::query(
            "select id, token_hash, vm_id, vm_name, created_by, created_at, expires_at, used_at from enrolment_tokens \
             where token_hash = $1",
        )
        .bind(token_hash.to_owned())
        .fetch_optional(self.db())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let r = Reader::new(&row, "enrolment_tokens", "id");
        Ok(Some(EnrolmentTokenRow {
            id: r.parse("id")?,
            token_hash: r.text("token_hash")?,
            vm_id: r.parse_opt("vm_id")?,
            vm_name: r.text_opt("vm_name")?,
            created_by: r.text("created_by")?,
            created_at: r.time("created_at")?,
            expires_at: r.time("expires_at")?,
            used_at: r.time_opt("used_at")?,
        }))
    }

    /// Marks a token used; false when it was used already (two machines at once: one wins).
    pub async fn enrolment_token_use(&mut self, id: EnrolmentTokenId, at: Timestamp) -> Result<bool, Error> {
        let done = sqlx::query("update enrolment_tokens set used_at = $2 where id = $1 and used_at is null")
            .bind(id.to_string())
            .bind(at.millis())
            .execute(self.db())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Drops tokens that have been expired for a day.
    pub async fn enrolment_tokens_drop(&mut self, now: Timestamp) -> Result<(), Error> {
        sqlx::query("delete from enrolment_tokens where expires_at < $1")
            .bind(now.millis() - 86_400_000)
            .execute(self.db())
            .await?;
        Ok(())
    }
}
