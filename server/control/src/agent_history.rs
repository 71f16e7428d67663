//! The page about a machine's agent: its history, its days, its collected logs.

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    actor::{Actor, Permission},
    agent_days::{self, Standing, UP_NOTED_MS},
    agent_event::{AgentEvent, AgentEventKind},
    agent_history::{AgentHistory, LOG_LARGEST},
    fault::Fault,
    guest_agent::UNKNOWN_VERSION,
    ids::VmId,
    page::PageRequest,
    portal::AgentCalls,
    timestamp::Timestamp,
    vm::Vm,
};
use sha1::{Digest, Sha1};
use store::{Conn, Tx};

use crate::{Control, Error, enrolment::EnrolRequest, operations::driver::Touched};

#[async_trait]
impl AgentCalls for Control {
    async fn agent_history(&self, actor: &Actor, vm: VmId, page: PageRequest) -> Result<AgentHistory, Fault> {
        Ok(self.history(actor, vm, page).await?)
    }

    async fn agent_log(&self, actor: &Actor, vm: VmId, number: i64) -> Result<Vec<u8>, Fault> {
        Ok(self.log_bytes(actor, vm, number).await?)
    }
}

impl Control {
    async fn history(&self, actor: &Actor, id: VmId, page: PageRequest) -> Result<AgentHistory, Error> {
        let mut conn = self.inner.store.read().await?;
        let vm = self.vm_of(&mut conn, id).await?;
        actor.require_on(Permission::Read, &vm)?;
        let certificate = conn.agent_of(id).await?.and_then(|agent| agent.certificate);
        Ok(AgentHistory {
            certificate_thumbprint: certificate.and_then(|text| STANDARD.decode(text).ok()).map(|der| thumbprint(&der)),
            days: self.days(&mut conn, &vm).await?,
            events: conn.agent_event_page(id, page).await?,
            logs: conn.agent_logs(id).await?,
        })
    }

    async fn days(&self, conn: &mut Conn, vm: &Vm) -> Result<Vec<agent_days::Day>, Error> {
        let now = self.now();
        let begins = agent_days::strip_begins(now);
        let (before, changes) = conn.agent_standings(vm.id, begins).await?;
        let first = changes.first().map(|(at, _)| *at);
        let before = before.unwrap_or(match (&vm.agent, first) {
            // it was there before histories were kept
            (Some(agent), Some(first)) if agent.enrolled_at < first => Standing::Unknown,
            (Some(_), None) => Standing::Unknown,
            _ => Standing::NotEnrolled,
        });
        // a server is up from one note to the next
        let up = conn.server_lives(begins.plus_millis(-UP_NOTED_MS)).await?;
        let up: Vec<_> = up.into_iter().map(|(from, to)| (from, to.plus_millis(UP_NOTED_MS))).collect();
        Ok(agent_days::strip(before, &changes, &up, now))
    }

    /// The history of an agent begins, or begins anew, with its enrolment.
    pub(crate) async fn agent_enrolled(
        &self,
        tx: &mut Tx,
        vm: VmId,
        request: &EnrolRequest,
        at: Timestamp,
    ) -> Result<(), Error> {
        let version: String = request.agent_version.chars().filter(|c| !c.is_control()).take(60).collect();
        let version = if version == UNKNOWN_VERSION { String::new() } else { version };
        let event = AgentEvent {
            at,
            kind: AgentEventKind::Enrolled,
            subject: None,
            detail: format!("{} {version}", request.agent_kind.code()).trim_end().to_owned(),
            standing: Some(Standing::NotReady),
        };
        self.agent_event_write(tx, vm, &event).await
    }

    /// Keeps a log that an agent collected.
    ///
    /// Errors: `InvalidParameter`: larger than [`LOG_LARGEST`], or no zip.
    pub async fn agent_log_put(&self, vm: VmId, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() > LOG_LARGEST {
            return Err(Fault::invalid("log", format!("A log has at most {} MiB.", LOG_LARGEST >> 20)).into());
        }
        // a zip begins with its first file, or with its end when it is empty
        if !bytes.starts_with(b"PK\x03\x04") && !bytes.starts_with(b"PK\x05\x06") {
            return Err(Fault::invalid("log", "Collected logs are taken as a zip.").into());
        }
        let mut tx = self.inner.store.begin().await?;
        if tx.vm_get(vm).await?.is_none() {
            return Err(Fault::not_found("There is no such machine.").into());
        }
        let number = tx.agent_log_add(vm, self.now(), bytes).await?;
        let detail = format!("Log {number}, {} KiB", bytes.len().div_ceil(1024));
        self.agent_event(&mut tx, vm, AgentEventKind::LogReceived, None, detail).await?;
        let mut touched = Touched::default();
        touched.vm(vm);
        self.commit(tx, touched).await
    }

    async fn log_bytes(&self, actor: &Actor, id: VmId, number: i64) -> Result<Vec<u8>, Error> {
        let mut conn = self.inner.store.read().await?;
        let vm = self.vm_of(&mut conn, id).await?;
        actor.require_on(Permission::Read, &vm)?;
        let bytes = conn.agent_log_bytes(id, number).await?;
        bytes.ok_or_else(|| Fault::not_found("There is no such log; the newest three of a machine are kept.").into())
    }
}

/// How waagent names a certificate's files: SHA-1 of the DER, capital hex.
fn thumbprint(der: &[u8]) -> String {
    hex::encode_upper(Sha1::digest(der))
}
