//! Credentials that an enrolment replaced: only their hashes, so that who still shows one is known by it.

use domain::{guest_agent::Refusal, ids::VmId, timestamp::Timestamp};

use crate::{Conn, Error, row::Reader};

/// How long a former credential is remembered.
const KEPT_MS: i64 = 90 * 86_400_000;

impl Conn {
    /// The machine's credential is replaced by another.
    pub(crate) async fn credential_retire(&mut self, vm: VmId, by: &str, at: Timestamp) -> Result<(), Error> {
        sqlx::query(
            "insert into former_credentials (credential_hash, vm_id, replaced_at) \
             select credential_hash, vm_id, $3 from guest_agents where vm_id = $1 and credential_hash <> $2 \
             on conflict (credential_hash) do nothing",
        )
        .bind(vm.to_string())
        .bind(by.to_owned())
        .bind(at.millis())
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Whose former credential has this hash.
    pub async fn former_credential(&mut self, credential_hash: &str) -> Result<Option<VmId>, Error> {
        let row = sqlx::query("select vm_id from former_credentials where credential_hash = $1")
            .bind(credential_hash.to_owned())
            .fetch_optional(self.db())
            .await?;
        row.as_ref().map(|row| Reader::new(row, "former_credentials", "vm_id").parse("vm_id")).transpose()
    }

    /// A request in the machine's name was refused.
    pub async fn agent_refused(&mut self, vm: VmId, what: Refusal, at: Timestamp) -> Result<(), Error> {
        sqlx::query("update guest_agents set refused_at = $2, refusal = $3 where vm_id = $1")
            .bind(vm.to_string())
            .bind(at.millis())
            .bind(what.code())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Forgets credentials that were replaced long ago.
    pub async fn former_credentials_drop(&mut self, now: Timestamp) -> Result<(), Error> {
        sqlx::query("delete from former_credentials where replaced_at < $1")
            .bind(now.plus_millis(-KEPT_MS).millis())
            .execute(self.db())
            .await?;
        Ok(())
    }
}
