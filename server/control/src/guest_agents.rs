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
    agent_event::AgentEventKind,
    fault::{Fault, FaultKind},
    guest_agent::{AgentHealth, AgentKind, GuestAgent, Refusal},
    ids::VmId,
    timestamp::Timestamp,
    vm::Vm,
};
use store::{AgentIdentityRow, Conn, ContactTimes, Engine};

use crate::{Control, Error, agent_says::Heard, operations::driver::Touched, secrets};

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
    /// The process that holds the credential, as the database knew it.
    pub(crate) holder: Option<String>,
}

/// Who was heard of when, and who is on the line now.
#[derive(Default)]
pub(crate) struct Contacts {
    seen: Mutex<HashMap<VmId, Seen>>,
    credentials: Mutex<HashMap<String, (AgentIdentity, Duration)>>,
    /// Holders that are copies, and when it was last written down that they ask.
    refused: Mutex<HashMap<(VmId, String), Duration>>,
}

/// That somebody who is refused still asks is written down this often at most.
const REFUSED_WRITTEN: Duration = Duration::from_secs(60);
/// A refusal after a pause of this length is news again.
const REFUSED_NEWS_MS: i64 = 600_000;

#[derive(Debug)]
struct Seen {
    last: Duration,
    open: u32,
    written: Option<Duration>,
    /// What it said about itself, if it said anything.
    heard: Option<Heard>,
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
        let entry = seen.entry(vm).or_insert(Seen { last: at, open: 0, written: None, heard: None });
        entry.last = at;
        entry.open += 1;
    }

    /// What the machine said about itself last, as this process knows it. Looking is no contact.
    pub(crate) fn heard<T>(&self, vm: VmId, look: impl FnOnce(Option<&mut Heard>) -> T) -> T {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        look(seen.get_mut(&vm).and_then(|s| s.heard.as_mut()))
    }

    /// It says this with a request that arrived at `at`.
    pub(crate) fn hear(&self, vm: VmId, at: Duration, heard: Heard) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = seen.entry(vm).or_insert(Seen { last: at, open: 0, written: None, heard: None });
        entry.last = at;
        entry.heard = Some(heard);
    }

    /// What it said was not written down, so it is not known.
    pub(crate) fn unhear(&self, vm: VmId) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = seen.get_mut(&vm) {
            entry.heard = None;
        }
    }

    /// Believed credentials of the machine know the new holder at once.
    pub(crate) fn holder_is(&self, vm: VmId, holder: Option<&str>) {
        let mut known = self.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        for (who, _) in known.values_mut().filter(|(who, _)| who.vm_id == vm) {
            who.holder = holder.map(str::to_owned);
        }
    }

    fn leave(&self, vm: VmId) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = seen.get_mut(&vm) {
            entry.open = entry.open.saturating_sub(1);
        }
    }

    /// Last contact and the newest words about it, as this process knows them.
    fn last(&self, vm: VmId) -> Option<(Duration, Option<Heard>)> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&vm).map(|s| (s.last, s.heard.clone()))
    }

    /// Machines whose contacts the database does not know yet, with their last.
    pub(crate) fn unwritten(&self) -> Vec<(VmId, Duration)> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<(VmId, Duration)> =
            seen.iter().filter(|(_, s)| s.written.is_none_or(|at| at < s.last)).map(|(vm, s)| (*vm, s.last)).collect();
        // two processes that write the same rows in the same order do not block each other
        all.sort_unstable();
        all
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
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).retain(|(refused, _), _| *refused != vm);
    }

    /// Is this holder known as a copy? Then `Some`: whether it is time to write down that it still asks.
    pub(crate) fn refused_before(&self, vm: VmId, holder: &str, at: Duration) -> Option<bool> {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let written = refused.get_mut(&(vm, holder.to_owned()))?;
        let due = at.saturating_sub(*written) >= REFUSED_WRITTEN;
        if due {
            *written = at;
        }
        Some(due)
    }

    /// Forgets who has not asked for long: the database knows them, should they come back.
    pub(crate) fn tidy(&self, now: Duration) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.retain(|_, written| now.saturating_sub(*written) < 2 * REFUSED_WRITTEN);
    }

    /// Whoever this is (a holder, or nobody by name: a former credential) is refused; that is written down now.
    pub(crate) fn refuse(&self, vm: VmId, holder: &str, at: Duration) {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert((vm, holder.to_owned()), at);
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
            let former = conn.former_credential(&hash).await?;
            drop(conn);
            if let Some(vm) = former {
                self.former_credential_seen(vm).await?;
            }
            self.inner.contacts.credentials.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash);
            return Err(Fault::new(
                FaultKind::Unauthenticated,
                "InvalidCredential",
                "This machine's credential is not valid any more. Enrol the machine again.",
            )
            .into());
        };
        let who = Self::identity(row);
        let mut known = self.inner.contacts.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(hash, (who.clone(), now));
        Ok(who)
    }

    fn identity(row: AgentIdentityRow) -> AgentIdentity {
        AgentIdentity {
            vm_id: row.vm_id,
            vm_name: row.vm_name,
            kind: row.kind,
            certificate_der: row.certificate.and_then(|text| STANDARD.decode(text).ok()),
            holder: row.holder,
        }
    }

    pub(crate) async fn identity_of(&self, conn: &mut Conn, vm: VmId) -> Result<Option<AgentIdentity>, Error> {
        Ok(conn.agent_of(vm).await?.map(Self::identity))
    }

    /// The machine behind a credential. Error: `ResourceNotFound`.
    pub async fn machine_of(&self, vm: VmId) -> Result<Vm, Error> {
        let mut conn = self.inner.store.read().await?;
        self.vm_of(&mut conn, vm).await
    }

    /// A credential that was replaced is still in use: the machine's history says so, once for each streak.
    async fn former_credential_seen(&self, vm: VmId) -> Result<(), Error> {
        let steady = self.steady();
        match self.inner.contacts.refused_before(vm, "", steady) {
            Some(false) => return Ok(()),
            Some(true) | None => self.inner.contacts.refuse(vm, "", steady),
        }
        let mut tx = self.inner.store.begin().await?;
        let Some(machine) = tx.vm_get(vm).await? else { return Ok(()) };
        let mut touched = Touched::default();
        if self.refusal_is_news(&machine, Refusal::Credential) {
            self.agent_event(&mut tx, vm, AgentEventKind::CredentialRefused, None, String::new()).await?;
            touched.vm(vm);
        }
        tx.agent_refused(vm, Refusal::Credential, self.now()).await?;
        self.commit(tx, touched).await
    }

    /// Has nothing been refused in the machine's name for this reason just before?
    pub(crate) fn refusal_is_news(&self, vm: &Vm, what: Refusal) -> bool {
        let before = vm.agent.as_ref().and_then(|agent| agent.said.refused);
        before.is_none_or(|(why, at)| why != what || self.now().millis_since(at) > REFUSED_NEWS_MS)
    }

    /// A machine with this process's newer knowledge of its contact.
    pub(crate) fn with_contact(&self, mut vm: Vm) -> Vm {
        vm.agent = self.agent_now(&vm);
        vm
    }

    /// Its agent with this process's newer knowledge.
    pub(crate) fn agent_now(&self, vm: &Vm) -> Option<GuestAgent> {
        let mut agent = vm.agent.clone()?;
        let now = self.now();
        // a time to come was written before the clock was set back; it is mended with the next batch
        agent.last_contact_at = agent.last_contact_at.map(|at| at.min(now));
        if let Some(times) = self.contact_times(vm.id) {
            agent.last_contact_at = agent.last_contact_at.max(Some(times.contact_at));
            let said = &mut agent.said;
            said.fetched_at = said.fetched_at.map(|at| at.min(now)).max(times.fetched_at);
            said.reported_at = said.reported_at.map(|at| at.min(now)).max(times.reported_at);
            said.next_poll_ms = times.next_poll_ms.or(said.next_poll_ms);
            said.clock_skew_ms = times.clock_skew_ms.or(said.clock_skew_ms);
        }
        Some(agent)
    }

    /// What this process knows of the machine's contact, by the clock.
    pub(crate) fn contact_times(&self, vm: VmId) -> Option<ContactTimes> {
        let (last, heard) = self.inner.contacts.last(vm)?;
        let times = ContactTimes {
            contact_at: self.clock_time(last),
            fetched_at: None,
            reported_at: None,
            next_poll_ms: None,
            clock_skew_ms: None,
        };
        Some(match heard {
            None => times,
            Some(heard) => ContactTimes {
                fetched_at: heard.fetched_ms.map(|at| self.clock_time_ms(at)),
                reported_at: heard.reported_ms.map(|at| self.clock_time_ms(at)),
                next_poll_ms: heard.next_poll_ms,
                clock_skew_ms: heard.clock_skew_ms,
                ..times
            },
        })
    }

    /// What the clock would have shown at a moment of the steady clock, had it always gone as it goes now.
    pub(crate) fn clock_time(&self, at: Duration) -> Timestamp {
        self.clock_time_ms(i64::try_from(at.as_millis()).unwrap_or(i64::MAX))
    }

    /// [`Self::clock_time`] of a moment in milliseconds; it may lie before the steady clock began.
    pub(crate) fn clock_time_ms(&self, at: i64) -> Timestamp {
        self.now().plus_millis(at.saturating_sub(self.steady_ms()).min(0))
    }

    /// The steady clock in milliseconds.
    pub(crate) fn steady_ms(&self) -> i64 {
        i64::try_from(self.steady().as_millis()).unwrap_or(i64::MAX)
    }

    /// Agent health now.
    pub(crate) fn health_of(&self, vm: &Vm) -> AgentHealth {
        AgentHealth::of(self.agent_now(vm).as_ref(), vm.power, self.now())
    }
}
