//! Status documents, as observations of extensions and operations.

use domain::{
    agent_event::AgentEventKind,
    extension::Extension,
    generation::Incarnation,
    ids::VmId,
    operation::Observation,
    status::HandlerReport,
    vm::{OsInfo, Vm},
};
use store::{TargetRow, Tx};

use super::driver::Touched;
use crate::{Control, Error};

/// A status document after its transport has read it.
#[derive(Clone, Debug, Default)]
pub struct StatusDocument {
    /// Version that the agent names itself.
    pub agent_version: Option<String>,
    /// The goal state that had been processed (`inSvdSeqNo`).
    pub incarnation: Option<Incarnation>,
    /// Handler name, extension name (multi-configuration only), and what was said.
    pub handlers: Vec<(String, Option<String>, HandlerReport)>,
    /// Operating system, when the document names it.
    pub os: Option<OsInfo>,
    /// What the machine calls itself.
    pub hostname: Option<String>,
}

impl StatusDocument {
    /// What the document says about one extension.
    fn about(&self, extension: &Extension) -> Option<&HandlerReport> {
        let handler = extension.handler_name();
        let mut parts = self.handlers.iter().filter(|(name, _, _)| name.eq_ignore_ascii_case(&handler)).peekable();
        let named = |part: &&(String, Option<String>, HandlerReport)| {
            part.1.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(extension.name.as_str()))
        };
        parts.find(named).map(|(_, _, report)| report)
    }
}

impl Control {
    /// Takes a status document of one machine. The same document again changes nothing.
    pub async fn status_put(&self, vm: VmId, document: StatusDocument) -> Result<(), Error> {
        let mut tries = 0;
        loop {
            match self.status_try(vm, &document).await {
                Err(error) if error.is_stale() && tries < 5 => tries += 1,
                other => return other,
            }
        }
    }

    async fn status_try(&self, vm: VmId, document: &StatusDocument) -> Result<(), Error> {
        let now = self.now();
        let mut tx = self.inner.store.begin().await?;
        let mut touched = Touched::default();
        if is_replayed(tx.vm_get(vm).await?.as_ref(), document) {
            tracing::info!(machine = %vm, "a status about an earlier goal state than the last one came late; it says nothing now");
            return Ok(());
        }
        tx.agent_reported(vm, document.incarnation, now).await?;
        self.note_machine_facts(&mut tx, vm, document, &mut touched).await?;
        let open = tx.target_open_on(vm).await?;
        for row in tx.extension_list(vm).await? {
            let extension = row.extension;
            let report = document.about(&extension).map(|said| {
                let incarnation = said.incarnation.or(document.incarnation);
                HandlerReport { incarnation, received_at: now, ..said.clone() }
            });
            if let Some(report) = &report
                && differs(extension.report.as_ref(), report)
            {
                tx.extension_report(extension.id, Some(report)).await?;
                touched.vm(vm);
            }
            let seen = Observation::Reported { incarnation: document.incarnation, report: report.map(Box::new) };
            for target in open.iter().filter(|t| t.target.extension_id == Some(extension.id)) {
                self.observe(&mut tx, target.clone(), &seen, &mut touched).await?;
            }
        }
        self.commit(tx, touched).await
    }

    /// The agent's steps say that a run is over; its result may have been reported just before.
    pub(crate) async fn judge_stored_report(
        &self,
        tx: &mut Tx,
        row: TargetRow,
        touched: &mut Touched,
    ) -> Result<(), Error> {
        let Some(id) = row.target.extension_id else { return Ok(()) };
        let Some(stored) = tx.extension_by_id(id).await? else { return Ok(()) };
        let Some(report) = stored.extension.report else { return Ok(()) };
        let seen = Observation::Reported { incarnation: report.incarnation, report: Some(Box::new(report)) };
        self.observe(tx, row, &seen, touched).await?;
        Ok(())
    }

    async fn note_machine_facts(
        &self,
        tx: &mut Tx,
        vm: VmId,
        document: &StatusDocument,
        touched: &mut Touched,
    ) -> Result<(), Error> {
        let Some(mut machine) = tx.vm_get(vm).await? else { return Ok(()) };
        if let Some(version) = &document.agent_version
            && let Some(agent) = machine.agent.as_ref().filter(|a| a.version != *version)
            // an agent that says more about itself says its version there
            && agent.said.holder_since.is_none()
        {
            let (kind, detail) = (AgentEventKind::AgentVersion, format!("{} → {version}", agent.version));
            if !agent.version.is_empty() {
                self.agent_event(tx, vm, kind, None, detail).await?;
            }
            tx.agent_version(vm, version).await?;
            touched.vm(vm);
        }
        let hostname = document.hostname.clone().filter(|h| !h.is_empty() && machine.hostname.as_ref() != Some(h));
        // agents report only short names of the system; what enrolment told is better
        let os = document.os.clone().filter(|_| machine.os.is_none());
        // an agent that reports is there, whatever a person said before
        if hostname.is_some() || os.is_some() || !machine.provision_guest_agent {
            machine.provision_guest_agent = true;
            machine.hostname = hostname.or(machine.hostname);
            machine.os = os.or(machine.os);
            tx.vm_update(&machine).await?;
            touched.vm(vm);
        }
        Ok(())
    }
}

/// Is it about an earlier goal state than one that was reported about already?
fn is_replayed(machine: Option<&Vm>, document: &StatusDocument) -> bool {
    let reported = machine.and_then(|vm| vm.agent.as_ref()).and_then(|agent| agent.reported_incarnation);
    document.incarnation.is_some_and(|now| reported.is_some_and(|before| now < before))
}

/// Is it news? The time of arrival alone is not.
fn differs(before: Option<&HandlerReport>, now: &HandlerReport) -> bool {
    before.is_none_or(|before| HandlerReport { received_at: now.received_at, ..before.clone() } != *now)
}
