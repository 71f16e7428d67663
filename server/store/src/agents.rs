//! Guest agents: credentials, certificates, and when they were last heard of.

use domain::{generation::Incarnation, guest_agent::AgentKind, ids::VmId, timestamp::Timestamp};

use sqlx::any::AnyRow;

use crate::{Conn, Error, row::Reader};

/// An agent that enrols. A machine has one: enrolling again replaces it and its credential.
#[derive(Clone, Debug)]
pub struct NewAgent {
    /// Its machine.
    pub vm_id: VmId,
    /// Which program.
    pub kind: AgentKind,
    /// Its version.
    pub version: String,
    /// SHA-256 of the credential, hex.
    pub credential_hash: String,
    /// Certificate that protected settings are enveloped for (base64 DER).
    pub certificate: Option<String>,
    /// When.
    pub enrolled_at: Timestamp,
}

/// Who a credential belongs to.
#[derive(Clone, Debug)]
pub struct AgentIdentityRow {
    /// The machine.
    pub vm_id: VmId,
    /// Its name.
    pub vm_name: String,
    /// Which program.
    pub kind: AgentKind,
    /// Certificate for protected settings (base64 DER).
    pub certificate: Option<String>,
    /// The process that holds the credential, as far as one said so.
    pub holder: Option<String>,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "select a.vm_id, v.name, a.kind, a.certificate, a.holder from guest_agents a join vms v on v.id = a.vm_id ",
            $tail
        )
    };
}

fn read(row: &AnyRow) -> Result<AgentIdentityRow, Error> {
    let r = Reader::new(row, "guest_agents", "vm_id");
    Ok(AgentIdentityRow {
        vm_id: r.parse("vm_id")?,
        vm_name: r.text("name")?,
        kind: r.word("kind", AgentKind::parse)?,
        certificate: r.text_opt("certificate")?,
        holder: r.text_opt("holder")?,
    })
}

/// When an agent was heard of, and what it says about the times of its own work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactTimes {
    /// The last contact.
    pub contact_at: Timestamp,
    /// When it last fetched a goal state; `None` leaves what is known.
    pub fetched_at: Option<Timestamp>,
    /// When it last reported; `None` leaves what is known.
    pub reported_at: Option<Timestamp>,
    /// Milliseconds from one question to the next; `None` leaves what is known.
    pub next_poll_ms: Option<i64>,
    /// By how much its clock is ahead; `None` leaves what is known.
    pub clock_skew_ms: Option<i64>,
}

/// By how much the clocks of several processes may differ.
const MOMENT_MS: i64 = 5_000;

impl Conn {
    /// Puts an agent on a machine, in place of one that was there. The credential of that one is remembered as a former
    /// one; what it said about itself and who held its credential is forgotten.
    pub async fn agent_put(&mut self, agent: &NewAgent) -> Result<(), Error> {
        self.credential_retire(agent.vm_id, &agent.credential_hash, agent.enrolled_at).await?;
        self.agent_holders_forget(agent.vm_id).await?;
        sqlx::query(
            "insert into guest_agents (vm_id, kind, version, credential_hash, certificate, enrolled_at, told_health) \
             values ($1, $2, $3, $4, $5, $6, 'never-seen') on conflict (vm_id) do update set kind = excluded.kind, \
             version = excluded.version, credential_hash = excluded.credential_hash, certificate = excluded.certificate, \
             enrolled_at = excluded.enrolled_at, last_contact_at = null, \
             relay_version = null, holder = null, holder_since = null, life = null, boot = null, fingerprint = null, \
             process_runs = null, process_since = null, clock_skew_ms = null, clock_wrong = null, \
             agent_fetched_at = null, agent_reported_at = null, next_poll_ms = null, refused_at = null, refusal = null, told_health = excluded.told_health",
        )
        .bind(agent.vm_id.to_string())
        .bind(agent.kind.code())
        .bind(agent.version.clone())
        .bind(agent.credential_hash.clone())
        .bind(agent.certificate.clone())
        .bind(agent.enrolled_at.millis())
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// The machine that enrolled with this certificate (base64 DER) and was never heard of since: the answer to its
    /// enrolment was lost.
    pub async fn agent_never_seen(&mut self, certificate: &str) -> Result<Option<VmId>, Error> {
        let row = sqlx::query("select vm_id from guest_agents where certificate = $1 and last_contact_at is null")
            .bind(certificate.to_owned())
            .fetch_optional(self.db())
            .await?;
        row.as_ref().map(|row| Reader::new(row, "guest_agents", "vm_id").parse("vm_id")).transpose()
    }

    /// Whose credential has this hash.
    pub async fn agent_by_credential(&mut self, credential_hash: &str) -> Result<Option<AgentIdentityRow>, Error> {
        let row = sqlx::query(select!("where a.credential_hash = $1"))
            .bind(credential_hash.to_owned())
            .fetch_optional(self.db())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The agent of a machine.
    pub async fn agent_of(&mut self, vm: VmId) -> Result<Option<AgentIdentityRow>, Error> {
        let row = sqlx::query(select!("where a.vm_id = $1")).bind(vm.to_string()).fetch_optional(self.db()).await?;
        row.as_ref().map(read).transpose()
    }

    /// Is there a contact that lies more than a moment in the future? Then the clock was set back since.
    pub async fn contacts_to_come(&mut self, now: Timestamp) -> Result<bool, Error> {
        let found = sqlx::query("select 1 as found from guest_agents where last_contact_at > $1 limit 1")
            .bind(now.plus_millis(MOMENT_MS).millis())
            .fetch_optional(self.db())
            .await?;
        Ok(found.is_some())
    }

    /// Takes such contacts for contacts of now.
    pub async fn contacts_mend(&mut self, now: Timestamp) -> Result<(), Error> {
        sqlx::query("update guest_agents set last_contact_at = $2 where last_contact_at > $1")
            .bind(now.plus_millis(MOMENT_MS).millis())
            .bind(now.millis())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Raises the last contact of one machine, and notes the times that came with it. Batches call it in one transaction.
    pub async fn agent_contact(&mut self, vm: VmId, times: &ContactTimes) -> Result<(), Error> {
        sqlx::query(
            "update guest_agents set last_contact_at = $2, \
             agent_fetched_at = coalesce($3, agent_fetched_at), agent_reported_at = coalesce($4, agent_reported_at), \
             next_poll_ms = coalesce($5, next_poll_ms), clock_skew_ms = coalesce($6, clock_skew_ms) \
             where vm_id = $1 and coalesce(last_contact_at, 0) <= $2",
        )
        .bind(vm.to_string())
        .bind(times.contact_at.millis())
        .bind(times.fetched_at.map(Timestamp::millis))
        .bind(times.reported_at.map(Timestamp::millis))
        .bind(times.next_poll_ms)
        .bind(times.clock_skew_ms)
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Sets the certificate (base64 DER) that protected settings are enveloped for; false when it was that one already.
    pub async fn agent_certificate(&mut self, vm: VmId, certificate: &str) -> Result<bool, Error> {
        let done = sqlx::query(
            "update guest_agents set certificate = $2 where vm_id = $1 and coalesce(certificate, '') <> $2",
        )
        .bind(vm.to_string())
        .bind(certificate.to_owned())
        .execute(self.db())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Sets the version that the agent names itself.
    pub async fn agent_version(&mut self, vm: VmId, version: &str) -> Result<(), Error> {
        sqlx::query("update guest_agents set version = $2 where vm_id = $1")
            .bind(vm.to_string())
            .bind(version.to_owned())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// The machine fetched this goal state.
    pub async fn agent_fetched(&mut self, vm: VmId, incarnation: Incarnation, at: Timestamp) -> Result<(), Error> {
        sqlx::query("update guest_agents set fetched_incarnation = $2, last_contact_at = $3 where vm_id = $1")
            .bind(vm.to_string())
            .bind(incarnation.get())
            .bind(at.millis())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// The machine reported; `incarnation` stays as it was when the document named none.
    pub async fn agent_reported(
        &mut self,
        vm: VmId,
        incarnation: Option<Incarnation>,
        at: Timestamp,
    ) -> Result<(), Error> {
        sqlx::query(
            "update guest_agents set reported_incarnation = coalesce($2, reported_incarnation), last_status_at = $3, \
             last_contact_at = $3 where vm_id = $1",
        )
        .bind(vm.to_string())
        .bind(incarnation.map(Incarnation::get))
        .bind(at.millis())
        .execute(self.db())
        .await?;
        Ok(())
    }
}
