//! The first page, the frame around every page, and the server's own figures.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    activity::ActivityFilter,
    actor::Actor,
    extension::ExtensionCounts,
    guest_agent::HealthWord,
    home::{Frame, Home},
    operation::OperationFilter,
    page::PageRequest,
    timestamp::Timestamp,
    vm::VmFilter,
};

use crate::{
    Control, Error,
    extensions::view::{Surroundings, needs_a_look},
};

/// Figures of the running server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Metrics {
    /// Machines on the line with this process.
    pub agents_connected: u64,
    /// Machines there are.
    pub machines: u64,
    /// Open operations.
    pub operations_open: u64,
    /// Operations of the last 24 hours with a failed machine.
    pub operations_failed: u64,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const MINUTE_MS: i64 = 60 * 1000;

/// Counts that every page shows in its frame.
#[derive(Debug)]
pub(crate) struct Figures {
    machines: u64,
    operations_open: u64,
    operations_failed: u64,
}

impl Control {
    /// Figures of the running server.
    pub async fn metrics(&self) -> Result<Metrics, Error> {
        let figures = self.figures().await?;
        Ok(Metrics {
            agents_connected: self.inner.contacts.connected() as u64,
            machines: figures.machines,
            operations_open: figures.operations_open,
            operations_failed: figures.operations_failed,
        })
    }

    async fn figures(&self) -> Result<Arc<Figures>, Error> {
        // by the minute: a failure leaves the count at most a minute late, and what was read can be kept
        let minute = self.now().millis().div_euclid(MINUTE_MS) * MINUTE_MS;
        let since = Timestamp::from_millis(minute - DAY_MS);
        let store = &self.inner.store;
        let read = || async {
            let mut conn = store.read().await?;
            let (operations_open, operations_failed) = conn.operation_counts(since).await?;
            Ok(Figures { machines: conn.vm_count().await?, operations_open, operations_failed })
        };
        self.inner.figures.get(store, &since, read).await
    }

    pub(crate) async fn frame_view(&self, actor: &Actor) -> Result<Frame, Error> {
        let figures = self.figures().await?;
        let short = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(Frame {
            actor: actor.clone(),
            machines: short(figures.machines),
            open_operations: short(figures.operations_open),
            failed_operations: short(figures.operations_failed),
            version: self.inner.config.version.clone(),
            api: self.api_place().await?,
        })
    }

    pub(crate) async fn home_view(&self) -> Result<Home, Error> {
        let mut conn = self.inner.store.read().await?;
        let now = self.now();
        let (machines, extension_total) = conn.health_counts(now).await?;
        let around = Surroundings::of_all(self, &mut conn).await?;
        let mut failing = Vec::new();
        let mut updates: BTreeMap<(String, String, String), u32> = BTreeMap::new();
        for (vm, there) in self.fleet(&mut conn).await? {
            let health = vm.agent_health(now);
            for summary in self.extension_summaries(there, health, &around) {
                if let Some(version) = &summary.update {
                    let e = &summary.extension;
                    let key = (e.publisher.to_string(), e.extension_type.to_string(), version.to_string());
                    *updates.entry(key).or_insert(0) += 1;
                }
                if needs_a_look(summary.state) {
                    failing.push((vm.id, vm.name.clone(), summary));
                }
            }
        }
        failing.sort_by(|a, b| (a.2.state, &a.1).cmp(&(b.2.state, &b.1)));
        failing.truncate(20);
        let silent_filter =
            VmFilter { health: Some(HealthWord::NotResponding), sort: "last_seen".into(), ..VmFilter::default() };
        let silent = conn.vm_page(&silent_filter, PageRequest::new(1, 20), now).await?;
        let silent = silent.items.into_iter().map(|vm| self.with_contact(vm)).filter_map(|vm| {
            let health = vm.agent_health(now);
            (health.word() == HealthWord::NotResponding).then(|| vm.summary(health, ExtensionCounts::default()))
        });
        let offers = self.catalogue(&mut conn).await?.newest().count();
        let silent = silent.collect();
        drop(conn);
        let open = OperationFilter { open_only: true, ..OperationFilter::default() };
        Ok(Home {
            machine_total: machines.iter().map(|(_, n)| u32::try_from(*n).unwrap_or(u32::MAX)).sum(),
            machines: machines.into_iter().map(|(word, n)| (word, u32::try_from(n).unwrap_or(u32::MAX))).collect(),
            extension_total: u32::try_from(extension_total).unwrap_or(u32::MAX),
            failing,
            silent,
            updates: updates.into_iter().map(|((p, t, v), n)| (p, t, v, n)).collect(),
            running: self.operation_page(open, PageRequest::new(1, 10)).await?.items,
            recent: self.activity_page(&ActivityFilter::default(), PageRequest::new(1, 10)).await?.items,
            offers: u32::try_from(offers).unwrap_or(u32::MAX),
            now,
        })
    }
}
