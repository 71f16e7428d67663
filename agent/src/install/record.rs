//! What was installed and what had been there before, so that removing it takes away that and no more.

use std::path::PathBuf;

use agent_protocol::AgentKind;
use serde::{Deserialize, Serialize};

use super::InstallError;
use super::systemctl::Systemctl;
use crate::files;
use crate::layout::Layout;

/// Written before anything is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    /// Which agent the service is for.
    pub(super) agent: AgentKind,
    /// The distribution's service before.
    pub(super) waagent: Option<Before>,
}

/// A service of the distribution as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Before {
    /// Its name.
    pub(super) unit: String,
    /// It was started with the system.
    pub(super) enabled: bool,
    /// It ran.
    pub(super) active: bool,
}

impl Before {
    /// Asks the service manager.
    pub(super) fn look(systemctl: &Systemctl, unit: &str) -> Result<Self, InstallError> {
        Ok(Self {
            unit: unit.to_owned(),
            enabled: systemctl.is("is-enabled", unit)?,
            active: systemctl.is("is-active", unit)?,
        })
    }
}

impl Record {
    /// Where it lies.
    pub(super) fn path(layout: &Layout) -> PathBuf {
        layout.state.join("install.json")
    }

    /// What was written; a damaged one counts as none.
    pub(super) fn load(layout: &Layout) -> Result<Option<Self>, InstallError> {
        let path = Self::path(layout);
        let bytes = files::read(&path, 64 * 1024).map_err(InstallError::io("read", &path))?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Writes it.
    pub(super) fn save(&self, layout: &Layout) -> Result<(), InstallError> {
        let path = Self::path(layout);
        files::replace(&path, &agent_protocol::json::render(self)).map_err(InstallError::io("write", &path))
    }
}

/// Stops the services that were installed, until the system starts again: for taking an image.
///
/// # Errors
/// The service manager refuses.
pub(crate) fn pause(layout: &Layout) -> Result<(), InstallError> {
    let systemd = super::Facts::look(layout).has_systemd;
    let Some(record) = Record::load(layout)?.filter(|_| systemd) else { return Ok(()) };
    let own = super::units::own(record.agent);
    let installed = super::units::path(layout, own).is_file().then_some(own);
    let waagent = record.waagent.as_ref().map(|before| before.unit.as_str());
    waagent.into_iter().chain(installed).try_for_each(|unit| Systemctl.run(&["stop", unit]))
}
