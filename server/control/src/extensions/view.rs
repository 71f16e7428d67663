//! Extensions as lists and pages show them.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    extension::{Extension, ExtensionCounts, ExtensionState, ExtensionSummary},
    extension_image::ExtensionImage,
    guest_agent::AgentHealth,
    ids::{ExtensionId, VmId},
    operation::TargetState,
    status::headline,
    version::ExtensionVersion,
};
use store::{Conn, TargetRow};

use crate::{Control, Error, catalogue::Catalogue};

/// What summaries need beside the extensions themselves, read once for a page.
pub(crate) struct Surroundings {
    catalogue: Arc<Catalogue>,
    /// Open changes by extension.
    open: BTreeMap<ExtensionId, TargetRow>,
}

impl Surroundings {
    /// For extensions of these machines.
    pub(crate) async fn of(control: &Control, conn: &mut Conn, vms: &[VmId]) -> Result<Self, Error> {
        let open = conn.target_open_many(vms).await?;
        Self::with(control, conn, open).await
    }

    /// For extensions of any machine.
    pub(crate) async fn of_all(control: &Control, conn: &mut Conn) -> Result<Self, Error> {
        let open = conn.target_open_all().await?;
        Self::with(control, conn, open).await
    }

    async fn with(control: &Control, conn: &mut Conn, open: Vec<TargetRow>) -> Result<Self, Error> {
        let open = open.into_iter().filter_map(|row| Some((row.target.extension_id?, row))).collect();
        Ok(Self { catalogue: control.catalogue(conn).await?, open })
    }

    fn versions(&self, extension: &Extension) -> &[ExtensionImage] {
        self.catalogue.versions(&extension.handler_name())
    }

    fn update(&self, extension: &Extension) -> Option<ExtensionVersion> {
        let newest = &self.versions(extension).first()?.version;
        (*newest > extension.version).then(|| newest.clone())
    }

    /// Its state in one word.
    fn state(&self, extension: &Extension, health: AgentHealth) -> ExtensionState {
        extension.state(self.open.get(&extension.id).map(|row| row.target.state), health)
    }

    /// Extensions of one machine, counted.
    pub(crate) fn counts<'a>(
        &self,
        there: impl IntoIterator<Item = &'a Extension>,
        health: AgentHealth,
    ) -> ExtensionCounts {
        let mut counts = ExtensionCounts::default();
        for extension in there {
            counts.add(self.state(extension, health), self.update(extension).is_some());
        }
        counts
    }
}

impl Control {
    /// One extension in a line.
    pub(crate) fn extension_summary(
        &self,
        extension: Extension,
        health: AgentHealth,
        around: &Surroundings,
    ) -> ExtensionSummary {
        let open = around.open.get(&extension.id);
        let state = around.state(&extension, health);
        let reported = extension.report.as_ref().and_then(|r| r.result.as_ref()).map(|r| r.message.as_str());
        let handler = extension.report.as_ref().map(|r| r.message.as_str());
        let message = match open {
            Some(row) => row.target.message.clone(),
            None => reported.or(handler).unwrap_or("Nothing was reported yet.").to_owned(),
        };
        let title = around.versions(&extension).first().map(|i| i.title.clone());
        ExtensionSummary {
            title: title.unwrap_or_else(|| extension.handler_name()),
            state,
            message: headline(&message),
            update: around.update(&extension),
            open_operation: open.map(|row| row.target.operation_id),
            reported_at: extension.report.as_ref().map(|r| r.received_at),
            extension,
        }
    }

    /// The extensions of one machine in lines.
    pub(crate) fn extension_summaries(
        &self,
        there: Vec<Extension>,
        health: AgentHealth,
        around: &Surroundings,
    ) -> Vec<ExtensionSummary> {
        there.into_iter().map(|e| self.extension_summary(e, health, around)).collect()
    }
}

/// States that a person should look at.
pub(crate) fn needs_a_look(state: ExtensionState) -> bool {
    matches!(state, ExtensionState::Failed | ExtensionState::Unresponsive | ExtensionState::Degraded)
}

/// Is a change of it under way that nothing else may disturb?
pub(crate) fn running(around: &Surroundings, extension: &Extension) -> Option<domain::ids::OperationId> {
    let row = around.open.get(&extension.id)?;
    (row.target.state == TargetState::Running).then_some(row.target.operation_id)
}
