//! Guest agents: whose credential it is, and when they were last heard of.
//!
//! Contact is high-rate, so it lives in memory and is written in batches (`tasks::contacts`): a held request counts as
//! contact for as long as it is open.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    fault::{Fault, FaultKind},
    guest_agent::{AgentHealth, AgentKind},
    ids::VmId,
    secret::Secret,
    timestamp::Timestamp,
    vm::Vm,
};
use store::{AgentIdentityRow, Conn};

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
    credentials: Mutex<HashMap<String, (AgentIdentity, Timestamp)>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    last: Timestamp,
    open: u32,
    written: Timestamp,
}

/// How long a credential is believed without asking the database: revocation takes effect within this time.
const CREDENTIAL_FRESH_MS: i64 = 1_000;

impl Contacts {
    fn enter(&self, vm: VmId, now: Timestamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = seen.entry(vm).or_insert(Seen { last: now, open: 0, written: Timestamp::default() });
        entry.last = now;
        entry.open += 1;
    }

    fn leave(&self, vm: VmId, now: Timestamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = seen.get_mut(&vm) {
            entry.open = entry.open.saturating_sub(1);
            entry.last = now;
        }
    }

    /// Last contact as this process knows it: now, while a request is open.
    pub(crate) fn last(&self, vm: VmId, now: Timestamp) -> Option<Timestamp> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&vm).map(|s| if s.open > 0 { now } else { s.last })
    }

    /// Contacts that the database does not know yet, at most one for each machine.
    pub(crate) fn unwritten(&self, now: Timestamp) -> Vec<(VmId, Timestamp)> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut batch = Vec::new();
        for (vm, entry) in seen.iter_mut() {
            let last = if entry.open > 0 { now } else { entry.last };
            if last > entry.written {
                entry.written = last;
                batch.push((*vm, last));
            }
        }
        batch
    }

    /// Machines on the line now.
    pub(crate) fn connected(&self) -> usize {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).values().filter(|s| s.open > 0).count()
    }

    pub(crate) fn forget(&self, vm: VmId) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(&vm);
        self.credentials.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, (who, _)| who.vm_id != vm);
    }
}

/// Contact with a machine for as long as it lives.
pub struct ContactGuard {
    control: Control,
    vm: VmId,
}

impl Drop for ContactGuard {
    fn drop(&mut self) {
        self.control.inner.contacts.leave(self.vm, self.control.now());
    }
}

impl Control {
    /// The machine on the line: now, and until the guard is dropped.
    pub fn agent_contact(&self, vm: VmId) -> ContactGuard {
        self.inner.contacts.enter(vm, self.now());
        ContactGuard { control: self.clone(), vm }
    }

    /// Whose credential is it?
    ///
    /// Errors: `Unauthenticated`: unknown, or replaced by a later enrolment, or its machine was removed.
    pub async fn agent_authenticate(&self, credential: &str) -> Result<AgentIdentity, Error> {
        let (hash, now) = (secrets::hash(credential), self.now());
        {
            let known = self.inner.contacts.credentials.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((who, at)) = known.get(&hash)
                && now.millis_since(*at) < CREDENTIAL_FRESH_MS
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

    /// A machine with this process's newer knowledge of its contact.
    pub(crate) fn with_contact(&self, mut vm: Vm) -> Vm {
        let last = self.inner.contacts.last(vm.id, self.now());
        if let Some(agent) = &mut vm.agent {
            agent.last_contact_at = agent.last_contact_at.max(last);
        }
        vm
    }

    /// Agent health now.
    pub(crate) fn health_of(&self, vm: &Vm) -> AgentHealth {
        self.with_contact(vm.clone()).agent_health(self.now())
    }
}

/// Where a machine's tenant key is sealed for.
pub(crate) fn tenant_key_place(vm: VmId) -> String {
    format!("tenant-key/{vm}")
}
