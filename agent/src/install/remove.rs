//! `annex-agent uninstall`.

use agent_protocol::AgentKind;

use super::record::Record;
use super::systemctl::Systemctl;
use super::{Facts, InstallError, Refusal, conf, forget, remove_file, units};
use crate::layout::Layout;

/// What a person asked for.
#[derive(Clone, Copy, Debug)]
pub struct Removal {
    /// The credential and the machine's key go, too: the machine must enrol again to be managed.
    pub forget: bool,
}

/// Takes away what [`super::install`] added. Gives what was done, a sentence each; nothing when nothing was there.
///
/// # Errors
/// Not root, the disk or the service manager refuses.
pub fn uninstall(layout: &Layout, removal: Removal) -> Result<Vec<String>, InstallError> {
    let facts = Facts::look(layout);
    if !facts.is_root {
        return Err(Refusal::NotRoot.into());
    }
    let mut done = Vec::new();
    let record = Record::load(layout)?;
    let before = record.as_ref().and_then(|record| record.waagent.clone());
    let systemctl = facts.has_systemd.then(Systemctl::default);
    // first the agent, then the relay that it needs
    if let (Some(systemctl), Some(before)) = (&systemctl, &before)
        && !before.active
        && systemctl.is("is-active", &before.unit)?
    {
        systemctl.run(&["stop", &before.unit])?;
        done.push(format!("stopped {}", before.unit));
    }
    let mut changed = false;
    for agent in [AgentKind::AnnexAgent, AgentKind::Waagent] {
        let unit = units::own(agent);
        let path = units::path(layout, unit);
        if !path.exists() {
            continue;
        }
        if let Some(systemctl) = &systemctl {
            systemctl.run(&["disable", "--now", unit])?;
            done.push(format!("stopped {unit}"));
        }
        changed |= remove_file(&path)?;
        done.push(format!("removed {}", path.display()));
    }
    if let Some(before) = &before {
        let path = units::drop_in_path(layout, &before.unit);
        if remove_file(&path)? {
            changed = true;
            done.push(format!("removed {}", path.display()));
            // others may have put something beside it
            let _ = path.parent().map(std::fs::remove_dir);
        }
    }
    if layout.root == std::path::Path::new("/") && before.is_some() {
        crate::relay::network::forget();
    }
    if conf::take_back(layout)? {
        done.push(format!("put {} back as it was", conf::path(layout).display()));
    }
    if let Some(systemctl) = systemctl {
        if changed {
            systemctl.run(&["daemon-reload"])?;
        }
        if let Some(before) = before {
            if before.active {
                systemctl.run(&["restart", &before.unit])?;
                done.push(format!("started {} with its own configuration", before.unit));
            }
            if !before.enabled && systemctl.is("is-enabled", &before.unit)? {
                systemctl.run(&["disable", &before.unit])?;
                done.push(format!("disabled {}", before.unit));
            }
        }
    }
    remove_file(&Record::path(layout))?;
    if removal.forget && forget(layout)? {
        done.push("forgot who this machine is: it must enrol again".to_owned());
    }
    Ok(done)
}
