//! What an agent says about itself with its requests. It comes with every poll, so what is not news costs no statement:
//! it is compared in memory, and times are written with the next batch of contacts.
//!
//! ```text
//!  header ─► known here, same holder in the database ─► times into memory
//!         └► anything else ─► one transaction: copy? ─► refused, or words, lines of the history, times
//! ```
//! Several processes serve one machine in turn. A new holder is written to the database at once, and each process compares
//! with the holder that came with the credential, which is never older than a credential is believed.

use domain::{
    activity::Outcome,
    actor::Actor,
    agent_copy::{self, Holder, Holding},
    agent_event::AgentEventKind,
    agent_words::AgentWords,
    guest_agent::Refusal,
    ids::VmId,
    live::Topic,
};
use store::Tx;

use crate::{AgentIdentity, Control, Error, operations::driver::Touched};

/// What an agent says about itself, as it arrived.
#[derive(Clone, Debug, Default)]
pub struct AgentSays {
    /// Versions, processes, machine. What it says of its clock is judged here, not by it.
    pub words: AgentWords,
    /// Its clock, unix milliseconds.
    pub clock_ms: Option<i64>,
    /// Milliseconds since the guest agent last fetched a goal state.
    pub fetched_ms_ago: Option<u64>,
    /// Milliseconds since it last reported.
    pub reported_ms_ago: Option<u64>,
    /// Milliseconds from one question to the next, when nothing happens.
    pub next_ms: Option<u64>,
}

/// What a process remembers of it. Times are those of the steady clock, in milliseconds; they may lie before it began.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    words: AgentWords,
    pub(crate) fetched_ms: Option<i64>,
    pub(crate) reported_ms: Option<i64>,
    pub(crate) next_poll_ms: Option<i64>,
    pub(crate) clock_skew_ms: Option<i64>,
}

impl Heard {
    /// The same words again: only times change.
    fn again(&mut self, newer: Self) {
        self.fetched_ms = self.fetched_ms.max(newer.fetched_ms);
        self.reported_ms = self.reported_ms.max(newer.reported_ms);
        self.next_poll_ms = newer.next_poll_ms.or(self.next_poll_ms);
        self.clock_skew_ms = newer.clock_skew_ms.or(self.clock_skew_ms);
    }
}

impl Control {
    /// Takes what an agent says with a request. To be called before the request counts as contact.
    ///
    /// Errors: `MachineIsCopy`: another machine uses this credential, and this one is the copy; it must not be served.
    pub async fn agent_says(&self, who: &AgentIdentity, mut says: AgentSays) -> Result<(), Error> {
        let (vm, steady) = (who.vm_id, self.steady());
        if let Some(holder) = &says.words.holder
            && let Some(due) = self.inner.contacts.refused_before(vm, holder, steady)
        {
            return Err(self.copy_asks_again(who, due).await?);
        }
        let mut heard = self.heard_from(&says);
        let same_holder = says.words.holder.is_none() || says.words.holder == who.holder;
        let known = self.inner.contacts.heard(vm, |known| match known {
            Some(known) if same_holder => {
                says.words.clock_wrong = heard.clock_skew_ms.map(|skew| known.words.judge_clock(skew));
                let covered = known.words.cover(&says.words);
                if covered {
                    known.again(heard.clone());
                }
                covered
            }
            _ => false,
        });
        if known {
            return Ok(());
        }
        if let Some(words) = self.inner.store.read().await?.agent_words(vm).await?
            && same_holder
        {
            // what another process wrote down, or this one in a life before
            says.words.clock_wrong = heard.clock_skew_ms.map(|skew| words.judge_clock(skew));
            if words.cover(&says.words) {
                heard.words = words;
                self.inner.contacts.hear(vm, steady, heard);
                return Ok(());
            }
        }
        self.agent_says_news(who, says, heard).await
    }

    fn heard_from(&self, says: &AgentSays) -> Heard {
        let now = self.steady_ms();
        let ago = |ms: Option<u64>| ms.and_then(|ms| i64::try_from(ms).ok()).map(|ms| now.saturating_sub(ms));
        Heard {
            words: AgentWords::default(),
            fetched_ms: ago(says.fetched_ms_ago),
            reported_ms: ago(says.reported_ms_ago),
            next_poll_ms: says.next_ms.and_then(|ms| i64::try_from(ms).ok()),
            clock_skew_ms: says.clock_ms.map(|clock| clock.saturating_sub(self.now().millis())),
        }
    }

    async fn agent_says_news(&self, who: &AgentIdentity, says: AgentSays, mut heard: Heard) -> Result<(), Error> {
        let (vm, now) = (who.vm_id, self.now());
        let mut said = says.words;
        let mut tx = self.inner.store.begin().await?;
        tx.agent_words_hold(vm).await?;
        let Some(before) = tx.agent_words(vm).await? else { return Ok(()) };
        said.clock_wrong = heard.clock_skew_ms.map(|skew| before.judge_clock(skew));
        let mut touched = Touched::default();
        // after a copy, what was said before was said by the copy
        let mut compare = true;
        if let Some(holder) = said.holder.clone() {
            let holders = tx.agent_holders(vm).await?;
            match agent_copy::judge(&holders, before.machine.as_deref(), &holder, said.machine.as_deref()) {
                Holding::Known => {}
                Holding::TakesOver => {
                    tx.agent_holder_add(vm, &Holder { name: holder, refused: false }, now).await?;
                }
                Holding::CameBack { copies } => {
                    for copy in &copies {
                        tx.agent_holder_refuse(vm, copy).await?;
                    }
                    self.copy_noticed(&mut tx, vm, true, &mut touched).await?;
                    compare = false;
                }
                Holding::Copy => {
                    if holders.iter().all(|known| known.name != holder) {
                        tx.agent_holder_add(vm, &Holder { name: holder.clone(), refused: true }, now).await?;
                    }
                    self.copy_noticed(&mut tx, vm, false, &mut touched).await?;
                    self.commit(tx, touched).await?;
                    self.inner.contacts.refuse(vm, &holder, self.steady());
                    return Err(agent_copy::refusal(&who.vm_name).into());
                }
            }
        }
        if compare {
            for (kind, detail) in before.news(&said, heard.clock_skew_ms.unwrap_or(0)) {
                self.agent_event(&mut tx, vm, kind, None, detail).await?;
                touched.vm(vm);
            }
        }
        let words = before.after(&said);
        if words != before {
            tx.agent_words_put(vm, &before, &words, now).await?;
            touched.vm(vm);
        }
        heard.words = words.clone();
        self.inner.contacts.hear(vm, self.steady(), heard);
        if let Some(times) = self.contact_times(vm) {
            tx.agent_contact(vm, &times).await?;
        }
        let committed = self.commit(tx, touched).await;
        match committed {
            Ok(()) => self.inner.contacts.holder_is(vm, words.holder.as_deref()),
            // not written, so not known: the next request says it again
            Err(_) => self.inner.contacts.unhear(vm),
        }
        committed
    }

    /// Writes down that a copy was noticed: always when the first came back, else once for each streak.
    async fn copy_noticed(&self, tx: &mut Tx, vm: VmId, always: bool, touched: &mut Touched) -> Result<(), Error> {
        let Some(machine) = tx.vm_get(vm).await? else { return Ok(()) };
        if always || self.refusal_is_news(&machine, Refusal::Copy) {
            let detail = match always {
                true => {
                    "Two machines used its credential in turn. The one that came later is refused; the first goes on."
                }
                false => "A machine with another fingerprint used its credential and is refused.",
            };
            self.agent_event(tx, vm, AgentEventKind::CopyRefused, None, detail.to_owned()).await?;
            let (action, detail) = ("refused a copy of the machine", Some(detail.to_owned()));
            self.note(tx, &Actor::system(), action, Some(&machine), Outcome::Refused, detail).await?;
            touched.vm(vm);
            touched.topic(Topic::Activity);
        }
        tx.agent_refused(vm, Refusal::Copy, self.now()).await?;
        Ok(())
    }

    /// The fault for a copy that is known; that it still asks is written down when it is `due`.
    async fn copy_asks_again(&self, who: &AgentIdentity, due: bool) -> Result<Error, Error> {
        if due {
            let mut tx = self.inner.store.begin().await?;
            tx.agent_refused(who.vm_id, Refusal::Copy, self.now()).await?;
            self.commit(tx, Touched::default()).await?;
        }
        Ok(agent_copy::refusal(&who.vm_name).into())
    }
}
