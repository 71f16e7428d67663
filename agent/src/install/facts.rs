//! What decides whether this machine can have the service.

use agent_protocol::AgentKind;

use super::{conf, units};
use crate::layout::Layout;

/// What the firmware of every machine in Azure says, and of no other.
const AZURE_ASSET_TAG: &str = "7783-7084-3265-9085-8269-3286-77";

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// This process may change the system.
    pub is_root: bool,
    /// systemd is the service manager that runs.
    pub has_systemd: bool,
    /// This machine runs in Azure.
    pub is_azure: bool,
    /// The distribution's service of the Azure Linux Agent.
    pub waagent_unit: Option<&'static str>,
    /// Its configuration file is there.
    pub has_waagent_conf: bool,
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not root.
    #[error("only root can install or remove the service; run it with sudo")]
    NotRoot,
    /// waagent is Azure's here.
    #[error(
        "this machine runs in Azure, where the Azure Linux Agent belongs to Azure and must keep talking to it; \
         use `annex-agent install --agent annex-agent` instead"
    )]
    Azure,
    /// No service manager.
    #[error(
        "this machine is not run by systemd, so there is no service to make; keep this running in the foreground \
         instead (a container's command, a WSL start command):\n    annex-agent run"
    )]
    NoSystemd,
    /// No service manager, and waagent was wanted.
    #[error(
        "this machine is not run by systemd, so there is no service to make; set up the configuration alone with \
         `annex-agent install --agent waagent --without-systemd`, then keep these two running in the foreground:\n    \
         annex-agent relay\n    waagent -daemon"
    )]
    NoSystemdForWaagent,
    /// The distribution's agent is missing.
    #[error(
        "the Azure Linux Agent is not installed; install the distribution's package first (waagent on Debian, \
         walinuxagent on Ubuntu, WALinuxAgent or python-azure-agent elsewhere)"
    )]
    NoWaagent,
}

impl Facts {
    /// Looks at the machine. Below another root than `/` everything belongs to whoever asks.
    #[must_use]
    pub fn look(layout: &Layout) -> Self {
        let tag = std::fs::read_to_string(layout.root.join("sys/class/dmi/id/chassis_asset_tag")).unwrap_or_default();
        Self {
            is_root: layout.root != std::path::Path::new("/") || rustix::process::geteuid().is_root(),
            has_systemd: layout.root.join("run/systemd/system").is_dir(),
            is_azure: tag.trim() == AZURE_ASSET_TAG,
            waagent_unit: units::of_waagent(layout),
            has_waagent_conf: conf::path(layout).is_file(),
        }
    }

    /// May `agent` be installed here, as a service when `systemd`?
    ///
    /// # Errors
    /// Why not, with the way out.
    pub fn allow(&self, agent: AgentKind, systemd: bool) -> Result<(), Refusal> {
        let waagent = agent == AgentKind::Waagent;
        match self {
            Self { is_root: false, .. } => Err(Refusal::NotRoot),
            Self { is_azure: true, .. } if waagent => Err(Refusal::Azure),
            Self { has_systemd: false, .. } if systemd && waagent => Err(Refusal::NoSystemdForWaagent),
            Self { has_systemd: false, .. } if systemd => Err(Refusal::NoSystemd),
            Self { has_waagent_conf: false, .. } if waagent => Err(Refusal::NoWaagent),
            Self { waagent_unit: None, .. } if waagent && systemd => Err(Refusal::NoWaagent),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use agent_protocol::AgentKind::{AnnexAgent, Waagent};

    use super::{Facts, Refusal};

    #[test]
    fn every_refusal_has_its_reason() {
        let good = Facts {
            is_root: true,
            has_systemd: true,
            is_azure: false,
            waagent_unit: Some("waagent.service"),
            has_waagent_conf: true,
        };
        assert_eq!(good.allow(Waagent, true), Ok(()));
        let bare = Facts { waagent_unit: None, has_waagent_conf: false, ..good.clone() };
        assert_eq!(bare.allow(AnnexAgent, true), Ok(()));
        assert_eq!(bare.allow(Waagent, true), Err(Refusal::NoWaagent));
        let person = Facts { is_root: false, ..good.clone() };
        assert_eq!(person.allow(AnnexAgent, true), Err(Refusal::NotRoot));
        let azure = Facts { is_azure: true, ..good.clone() };
        assert_eq!(azure.allow(Waagent, true), Err(Refusal::Azure));
        assert_eq!(azure.allow(AnnexAgent, true), Ok(()), "the native agent leaves Azure's alone");
        let container = Facts { has_systemd: false, waagent_unit: None, ..good };
        assert_eq!(container.allow(AnnexAgent, true), Err(Refusal::NoSystemd));
        assert_eq!(container.allow(Waagent, true), Err(Refusal::NoSystemdForWaagent));
        assert_eq!(container.allow(Waagent, false), Ok(()), "only its configuration is set up");
    }
}
