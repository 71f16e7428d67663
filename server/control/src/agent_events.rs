//! Lines of the history of machines' agents: written here, bounded where machines themselves are the source.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::{
    agent_event::{AgentEvent, AgentEventKind},
    ids::{AgentEventId, VmId},
};
use store::Tx;

use crate::{Control, Error, operations::driver::Touched};

/// Lines that are kept of one machine's own telling in one [`WINDOW`].
const MOST: usize = 60;
const WINDOW: Duration = Duration::from_secs(60);
/// Probes that are remembered for each machine.
const PROBES: usize = 30;

/// Something that an agent tells of its machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentTells {
    /// What.
    pub kind: AgentEventKind,
    /// The extension or probe it is about.
    pub subject: Option<String>,
    /// More. The caller has taken settings out of it.
    pub detail: String,
}

/// A probe's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentProbe {
    /// Its name.
    pub name: String,
    /// What it found.
    pub healthy: bool,
    /// In words.
    pub description: String,
}

/// What machines told in the present window, and how their probes stood.
#[derive(Default)]
pub(crate) struct Told(Mutex<HashMap<VmId, Machine>>);

#[derive(Default)]
struct Machine {
    since: Duration,
    kept: usize,
    left_out: usize,
    unhealthy: HashMap<String, bool>,
}

impl Told {
    /// How many of `wanted` lines are kept, and how many were left out of the window before.
    fn admit(&self, vm: VmId, wanted: usize, now: Duration) -> (usize, usize) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let machine = all.entry(vm).or_default();
        let mut left_out = 0;
        if now.saturating_sub(machine.since) >= WINDOW {
            (machine.since, machine.kept) = (now, 0);
            left_out = std::mem::take(&mut machine.left_out);
        }
        let kept = wanted.min(MOST.saturating_sub(machine.kept));
        machine.kept += kept;
        machine.left_out += wanted - kept;
        (kept, left_out)
    }

    /// Machines whose window is over and left something out, with how much; told once.
    fn overdue(&self, now: Duration) -> Vec<(VmId, usize)> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = all.iter_mut().filter(|(_, m)| m.left_out > 0 && now.saturating_sub(m.since) >= WINDOW);
        over.map(|(vm, m)| (*vm, std::mem::take(&mut m.left_out))).collect()
    }

    /// Forgets machines that have told nothing for long and whose probes are well.
    pub(crate) fn tidy(&self, now: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, m| {
            let quiet = m.left_out == 0 && now.saturating_sub(m.since) >= 10 * WINDOW;
            !quiet || m.unhealthy.values().any(|unhealthy| *unhealthy)
        });
    }

    /// Those of `probes` that are news: unhealthy ones that were not so before, and the other way round.
    fn changed(&self, vm: VmId, probes: Vec<AgentProbe>) -> Vec<AgentProbe> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = &mut all.entry(vm).or_default().unhealthy;
        let news = probes.into_iter().filter(|probe| {
            if known.len() >= PROBES && !known.contains_key(&probe.name) {
                return false;
            }
            let before = known.insert(probe.name.clone(), !probe.healthy).unwrap_or(false);
            before == probe.healthy
        });
        news.collect()
    }
}

impl Control {
    /// Adds a line to the history of a machine's agent.
    pub(crate) async fn agent_event(
        &self,
        tx: &mut Tx,
        vm: VmId,
        kind: AgentEventKind,
        subject: Option<String>,
        detail: String,
    ) -> Result<(), Error> {
        self.agent_event_write(tx, vm, &AgentEvent { at: self.now(), kind, subject, detail, standing: None }).await
    }

    /// Adds a line as it is.
    pub(crate) async fn agent_event_write(&self, tx: &mut Tx, vm: VmId, event: &AgentEvent) -> Result<(), Error> {
        Ok(tx.agent_event_add(vm, AgentEventId::new(self.new_uuid()), event).await?)
    }

    /// Takes what an agent tells of its machine. More than is kept is counted, and the count is a line.
    pub async fn agent_tells(&self, vm: VmId, mut told: Vec<AgentTells>) -> Result<(), Error> {
        if told.is_empty() {
            return Ok(());
        }
        let (kept, left_out) = self.inner.told.admit(vm, told.len(), self.steady());
        told.truncate(kept);
        if told.is_empty() && left_out == 0 {
            return Ok(());
        }
        let mut tx = self.inner.store.begin().await?;
        if left_out > 0 {
            self.agent_event(&mut tx, vm, AgentEventKind::LeftOut, None, left_out_words(left_out)).await?;
        }
        for AgentTells { kind, subject, detail } in told {
            self.agent_event(&mut tx, vm, kind, subject, detail).await?;
        }
        let mut touched = Touched::default();
        touched.vm(vm);
        self.commit(tx, touched).await
    }

    /// Takes what an agent's probes found: only changes are lines.
    pub async fn agent_probes(&self, vm: VmId, probes: Vec<AgentProbe>) -> Result<(), Error> {
        let changed = self.inner.told.changed(vm, probes).into_iter().map(|probe| AgentTells {
            kind: if probe.healthy { AgentEventKind::Healthy } else { AgentEventKind::Unhealthy },
            subject: Some(probe.name),
            detail: probe.description,
        });
        self.agent_tells(vm, changed.collect()).await
    }

    /// Says of machines that told too much how much was left out, although they tell nothing more.
    pub(crate) async fn left_out_tell(&self) -> Result<(), Error> {
        for (vm, left_out) in self.inner.told.overdue(self.steady()) {
            let mut tx = self.inner.store.begin().await?;
            if tx.vm_get(vm).await?.is_none() {
                continue;
            }
            self.agent_event(&mut tx, vm, AgentEventKind::LeftOut, None, left_out_words(left_out)).await?;
            let mut touched = Touched::default();
            touched.vm(vm);
            self.commit(tx, touched).await?;
        }
        Ok(())
    }
}

fn left_out_words(number: usize) -> String {
    format!("{number} more in one minute were not kept.")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_machine_that_tells_too_much_is_cut_and_the_rest_counted() {
        let (told, vm) = (Told::default(), VmId::new(Uuid::now_v7()));
        let at = Duration::from_secs;
        assert_eq!(told.admit(vm, 50, at(100)), (50, 0));
        assert_eq!(told.admit(vm, 50, at(120)), (10, 0));
        assert_eq!(told.admit(vm, 5, at(159)), (0, 0));
        assert_eq!(told.overdue(at(159)), [], "the minute is not over");
        assert_eq!(told.overdue(at(160)), [(vm, 45)]);
        assert_eq!(told.overdue(at(170)), [], "told once");
        assert_eq!(told.admit(vm, 70, at(180)), (60, 0));
        assert_eq!(told.admit(vm, 1, at(240)), (1, 10), "the next post tells it, too");
    }

    #[test]
    fn only_changes_of_probes_are_news() {
        let (told, vm) = (Told::default(), VmId::new(Uuid::now_v7()));
        let probe = |healthy| AgentProbe { name: "HostPlugin".into(), healthy, description: String::new() };
        let news = |healthy| told.changed(vm, vec![probe(healthy)]).len();
        assert_eq!([true, true, false, false, true, true].map(news), [0, 0, 1, 0, 1, 0]);
    }
}
