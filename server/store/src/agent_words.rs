//! What an agent said about itself last.

use domain::{agent_words::AgentWords, ids::VmId, timestamp::Timestamp};

use crate::{Conn, Error, row::Reader};

impl Conn {
    /// Nobody else changes what the agent of a machine said until the transaction ends.
    pub async fn agent_words_hold(&mut self, vm: VmId) -> Result<(), Error> {
        // on PostgreSQL this takes the row; SQLite has one writer anyway
        sqlx::query("update guest_agents set holder = holder where vm_id = $1")
            .bind(vm.to_string())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// What the agent of a machine said last. `None`: there is no agent.
    pub async fn agent_words(&mut self, vm: VmId) -> Result<Option<AgentWords>, Error> {
        let row = sqlx::query(
            "select vm_id, version, relay_version, holder, life, boot, fingerprint, process_runs, clock_wrong \
             from guest_agents where vm_id = $1",
        )
        .bind(vm.to_string())
        .fetch_optional(self.db())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let r = Reader::new(&row, "guest_agents", "vm_id");
        Ok(Some(AgentWords {
            version: Some(r.text("version")?),
            relay: r.text_opt("relay_version")?,
            holder: r.text_opt("holder")?,
            life: r.text_opt("life")?,
            boot: r.text_opt("boot")?,
            machine: r.text_opt("fingerprint")?,
            process_runs: r.int_opt("process_runs")?.map(|runs| runs != 0),
            clock_wrong: r.int_opt("clock_wrong")?.map(|wrong| wrong != 0),
        }))
    }

    /// Writes what it says now, in place of `before`.
    pub async fn agent_words_put(
        &mut self,
        vm: VmId,
        before: &AgentWords,
        words: &AgentWords,
        at: Timestamp,
    ) -> Result<(), Error> {
        sqlx::query(
            "update guest_agents set version = $2, relay_version = $3, holder = $4, life = $5, boot = $6, \
             fingerprint = $7, process_runs = $8, clock_wrong = $9, \
             holder_since = case when $10 = 1 then $12 else holder_since end, \
             process_since = case when $11 = 1 then $12 else process_since end where vm_id = $1",
        )
        .bind(vm.to_string())
        .bind(words.version.clone().unwrap_or_default())
        .bind(words.relay.clone())
        .bind(words.holder.clone())
        .bind(words.life.clone())
        .bind(words.boot.clone())
        .bind(words.machine.clone())
        .bind(words.process_runs.map(i64::from))
        .bind(words.clock_wrong.map(i64::from))
        .bind(i64::from(before.holder != words.holder))
        .bind(i64::from(before.process_runs != words.process_runs))
        .bind(at.millis())
        .execute(self.db())
        .await?;
        Ok(())
    }
}
