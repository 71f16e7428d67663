//! Extensions as lists and pages show them.

use std::collections::BTreeMap;

use domain::{
    extension::{Extension, ExtensionState, ExtensionSummary},
    extension_image::ExtensionImage,
    guest_agent::AgentHealth,
    ids::ExtensionId,
    operation::TargetState,
    version::ExtensionVersion,
};
use store::{Conn, TargetRow};

use crate::{Control, Error};

/// What summaries need beside the extensions themselves, read once for a page.
pub(crate) struct Surroundings {
    /// Handler in lower case to its versions, newest first.
    images: BTreeMap<String, Vec<ExtensionImage>>,
    /// Open changes by extension.
    open: BTreeMap<ExtensionId, TargetRow>,
}

impl Surroundings {
    pub(crate) async fn read(conn: &mut Conn) -> Result<Self, Error> {
        let mut images: BTreeMap<String, Vec<ExtensionImage>> = BTreeMap::new();
        for image in conn.image_all().await? {
            images.entry(image.handler_name().to_lowercase()).or_default().push(image);
        }
        let open = conn.target_open_all().await?;
        let open = open.into_iter().filter_map(|row| Some((row.target.extension_id?, row))).collect();
        Ok(Self { images, open })
    }

    fn versions(&self, extension: &Extension) -> &[ExtensionImage] {
        self.images.get(&extension.handler_name().to_lowercase()).map_or(&[], Vec::as_slice)
    }

    fn update(&self, extension: &Extension) -> Option<ExtensionVersion> {
        let newest = &self.versions(extension).first()?.version;
        (*newest > extension.version).then(|| newest.clone())
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
        let state = extension.state(open.map(|row| row.target.state), health);
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
            message: message
                .lines()
                .map(str::trim)
                .find(|l| !l.is_empty())
                .unwrap_or_default()
                .chars()
                .take(200)
                .collect(),
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

/// Worst first.
pub(crate) fn worst_first(summaries: &mut [ExtensionSummary]) {
    summaries.sort_by(|a, b| (a.state, &a.extension.name).cmp(&(b.state, &b.extension.name)));
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
