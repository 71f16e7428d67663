//! Guest agents: whose credential it is, and when they were last heard of.
//!
//! Contact is high-rate, so it lives in memory and is written in batches (`tasks::contacts`). A request counts when it
//! arrives: one that is open says nothing, because the kernel keeps the connection of a stopped process alive. So agents
//! are held shorter than silence takes to be told. Measured by the steady clock: the other one may be set.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    fault::{Fault, FaultKind},
    guest_agent::{AgentHealth, AgentKind, GuestAgent},
    ids::VmId,
    secret::Secret,
    timestamp::Timestamp,
    vm::Vm,
};
use store::{AgentIdentityRow, Conn, Engine};

use crate::{Control, Error, secrets};

/// A machine known by its credential.
#[derive(Clone, Debug)]
pub struct AgentIdentity {
    /// The machine.
    pub vm_id: VmId,
    /// Its name.
    pub vm_name: String,
    /// Which agent.
    pub kind: AgentKind,
    /// Certificate that its protected settings are enveloped for (DER).
    pub certificate_der: Option<Vec<u8>>,
    /// Private key of that certificate (PKCS#8 PEM) when this server made it: waagent fetches it with its certificates.
    pub tenant_key_pem: Option<Secret>,
}

/// Who was heard of when, and who is on the line now.
#[derive(Default)]
pub(crate) struct Contacts {
    seen: Mutex<HashMap<VmId, Seen>>,
    credentials: Mutex<HashMap<String, (AgentIdentity, Duration)>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    last: Duration,
    open: u32,
    written: Option<Duration>,
}

/// How long a credential is believed without asking the database. Revoking takes effect at once in the process that does
/// it, and within this time in others.
const fn credential_fresh(engine: Engine) -> Duration {
    match engine {
        Engine::Sqlite => Duration::from_secs(60),
        Engine::Postgres => Duration::from_secs(1),
    }
}

impl Contacts {
    fn enter(&self, vm: VmId, at: Duration) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = seen.entry(vm).or_insert(Seen { last: at, open: 0, written: None });
        entry.last = at;
        entry.open += 1;
    }

    fn leave(&self, vm: VmId) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = seen.get_mut(&vm) {
            entry.open = entry.open.saturating_sub(1);
        }
    }

    /// Last contact as this process knows it.
    fn last(&self, vm: VmId) -> Option<Duration> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&vm).map(|s| s.last)
    }

    /// Contacts that the database does not know yet, at most one for each machine.
    pub(crate) fn unwritten(&self) -> Vec<(VmId, Duration)> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter(|(_, s)| s.written.is_none_or(|at| at < s.last)).map(|(vm, s)| (*vm, s.last)).collect()
    }

    /// The database knows these now.
    pub(crate) fn wrote(&self, batch: &[(VmId, Duration)]) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (vm, at) in batch {
            if let Some(entry) = seen.get_mut(vm) {
                entry.written = Some(*at);
            }
        }
    }

    /// Machines on the line now.
    pub(crate) fn connected(&self) -> usize {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).values().filter(|s| s.open > 0).count()
    }

    /// What is believed of the machine's credential is read anew.
    pub(crate) fn forget_credential(&self, vm: VmId) {
        self.credentials.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, (who, _)| who.vm_id != vm);
    }

    pub(crate) fn forget(&self, vm: VmId) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(&vm);
        self.forget_credential(vm);
    }
}

/// A machine is on the line for as long as this lives.
pub struct ContactGuard {
    control: Control,
    vm: VmId,
}

impl Drop for ContactGuard {
    fn drop(&mut self) {
        self.control.inner.contacts.leave(self.vm);
    }
}

impl Control {
    /// A request of the machine arrived; it is on the line until the guard is dropped.
    pub fn agent_contact(&self, vm: VmId) -> ContactGuard {
        self.inner.contacts.enter(vm, self.steady());
        ContactGuard { control: self.clone(), vm }
    }

    /// Whose credential is it?
    ///
    /// Errors: `Unauthenticated`: unknown, or replaced by a later enrolment, or its machine was removed.
    pub async fn agent_authenticate(&self, credential: &str) -> Result<AgentIdentity, Error> {
        let (hash, now) = (secrets::hash(credential), self.steady());
        let fresh = credential_fresh(self.inner.store.engine());
        {
            let known = self.inner.contacts.credentials.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((who, at)) = known.get(&hash)
                && now.saturating_sub(*at) < fresh
            {
                return Ok(who.clone());
            }
        }
        let mut conn = self.inner.store.read().await?;
        let Some(row) = conn.agent_by_credential(&hash).await? else {
            self.inner.contacts.credentials.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash);
            return Err(Fault::new(
                FaultKind::Unauthenticated,
                "InvalidCredential",
                "This machine's credential is not valid any more. Enrol the machine again.",
            )
            .into());
        };
        let who = self.identity(row)?;
        let mut known = self.inner.contacts.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(hash, (who.clone(), now));
        Ok(who)
    }

    fn identity(&self, row: AgentIdentityRow) -> Result<AgentIdentity, Error> {
        let place = tenant_key_place(row.vm_id);
        Ok(AgentIdentity {
            vm_id: row.vm_id,
            vm_name: row.vm_name,
            kind: row.kind,
            certificate_der: row.certificate.and_then(|text| STANDARD.decode(text).ok()),
            tenant_key_pem: row.tenant_key.map(|sealed| self.inner.keys.sealer.open(&place, &sealed)).transpose()?,
        })
    }

    pub(crate) async fn identity_of(&self, conn: &mut Conn, vm: VmId) -> Result<Option<AgentIdentity>, Error> {
        conn.agent_of(vm).await?.map(|row| self.identity(row)).transpose()
    }

    /// The machine behind a credential. Error: `ResourceNotFound`.
    pub async fn machine_of(&self, vm: VmId) -> Result<Vm, Error> {
        let mut conn = self.inner.store.read().await?;
        self.vm_of(&mut conn, vm).await
    }

    /// A machine with this process's newer knowledge of its contact.
    pub(crate) fn with_contact(&self, mut vm: Vm) -> Vm {
        let id = vm.id;
        if let Some(agent) = &mut vm.agent {
            agent.last_contact_at = self.last_contact(id, agent);
        }
        vm
    }

    fn last_contact(&self, vm: VmId, agent: &GuestAgent) -> Option<Timestamp> {
        let now = self.now();
        let here = self.inner.contacts.last(vm).map(|at| self.clock_time(at));
        // a time to come was written before the clock was set back; it is mended with the next batch
        agent.last_contact_at.map(|at| at.min(now)).max(here)
    }

    /// What the clock would have shown at a moment of the steady clock, had it always gone as it goes now.
    pub(crate) fn clock_time(&self, at: Duration) -> Timestamp {
        let ago = self.steady().saturating_sub(at);
        self.now().plus_millis(-i64::try_from(ago.as_millis()).unwrap_or(i64::MAX))
    }

    /// Agent health now.
    pub(crate) fn health_of(&self, vm: &Vm) -> AgentHealth {
        let agent = vm.agent.as_ref().map(|agent| (agent.kind, self.last_contact(vm.id, agent)));
        AgentHealth::by_contact(agent, vm.power, self.now())
    }
}

/// Where a machine's tenant key is sealed for.
pub(crate) fn tenant_key_place(vm: VmId) -> String {
    format!("tenant-key/{vm}")
}
