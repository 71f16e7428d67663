//! `annex-agent install` and `annex-agent uninstall`: the agent as a service of the system, and the Azure Linux Agent set
//! up for use outside Azure.
//!
//! ```text
//! install    may it? ─► note what was ─► waagent.conf ─► unit, drop-in ─► daemon-reload ─► enable and start what is not
//! uninstall  stop ─► unit and drop-in away ─► waagent.conf as it was ─► daemon-reload ─► waagent as it was
//! ```
//! Both can be repeated: what is as it should be is not touched. Killed at any point, a second run does the rest.

mod conf;
mod facts;
mod forget;
mod record;
mod remove;
mod systemctl;
mod units;

use std::io;
use std::path::{Path, PathBuf};

use agent_protocol::AgentKind;

pub use self::facts::{Facts, Refusal};
pub(crate) use self::forget::{everything_but, forget_but};
pub(crate) use self::record::pause;
pub use self::remove::{Removal, uninstall};

use self::forget::forget;
use self::record::{Before, Record};
use self::systemctl::Systemctl;
use crate::files;
use crate::layout::Layout;

/// What a person asked for.
#[derive(Clone, Debug)]
pub struct Installation {
    /// Which agent speaks for this machine.
    pub agent: AgentKind,
    /// False: no service is made, whoever asked starts the programs.
    pub systemd: bool,
    /// Start the services again even when nothing changed, because the program was replaced.
    pub restart: bool,
    /// The program that the service runs: this one.
    pub program: PathBuf,
    /// Flags of this program that the service needs, too (`--state-dir=…`).
    pub flags: Vec<String>,
}

/// It could not be installed or removed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// It must not be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A file cannot be read or written.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The service manager said no.
    #[error("`systemctl {command}` failed: {reason}")]
    Systemctl {
        /// Its arguments.
        command: String,
        /// What it said.
        reason: String,
    },
}

impl InstallError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

/// Installs the service. Gives what was done, a sentence each; nothing when everything was there.
///
/// # Errors
/// The machine is not one for it (see [`Refusal`]), the disk or the service manager refuses.
pub fn install(layout: &Layout, wanted: &Installation) -> Result<Vec<String>, InstallError> {
    let facts = Facts::look(layout);
    facts.allow(wanted.agent, wanted.systemd)?;
    files::private_folder(&layout.state).map_err(InstallError::io("make", &layout.state))?;
    let mut done = Vec::new();
    let systemctl = wanted.systemd.then(Systemctl::default);
    // a machine has one agent: the other one's service goes first
    if Record::load(layout)?.is_some_and(|record| record.agent != wanted.agent) {
        done.append(&mut uninstall(layout, Removal { forget: false })?);
    }
    if Record::load(layout)?.is_none() {
        let waagent = match (wanted.agent, &systemctl, facts.waagent_unit) {
            (AgentKind::Waagent, Some(systemctl), Some(unit)) => Some(Before::look(systemctl, unit)?),
            _ => None,
        };
        Record { agent: wanted.agent, waagent }.save(layout)?;
    }
    let conf_changed = wanted.agent == AgentKind::Waagent && conf::put(layout)?;
    if conf_changed {
        done.push(format!("set up {} for use outside Azure", conf::path(layout).display()));
    }
    let Some(systemctl) = systemctl else { return Ok(done) };
    services(layout, wanted, &facts, &systemctl, conf_changed, &mut done)?;
    Ok(done)
}

fn services(
    layout: &Layout,
    wanted: &Installation,
    facts: &Facts,
    systemctl: &Systemctl,
    conf_changed: bool,
    done: &mut Vec<String>,
) -> Result<(), InstallError> {
    let unit = units::own(wanted.agent);
    let own = put_file(&units::path(layout, unit), &units::text(wanted.agent, &wanted.program, &wanted.flags), done)?;
    let waagent = facts.waagent_unit.filter(|_| wanted.agent == AgentKind::Waagent);
    let dropped = match waagent {
        Some(waagent) => put_file(&units::drop_in_path(layout, waagent), units::DROP_IN, done)?,
        None => false,
    };
    let mut starts = vec![(unit, own || wanted.restart)];
    starts.extend(waagent.map(|waagent| (waagent, own || dropped || conf_changed)));
    let mut missing = own || dropped;
    for (unit, changed) in &starts {
        missing |= *changed || !systemctl.is_up(unit)?;
    }
    if !layout.credential().exists() && !layout.image().exists() {
        // it would end at once, and the service manager would call that a failure
        systemctl.run(&["daemon-reload"])?;
        systemctl.run(&["enable", unit])?;
        done.push(format!(
            "{unit} starts when this machine has enrolled: annex-agent enrol URL TOKEN, then this again"
        ));
        return Ok(());
    }
    if missing {
        // also when the files were there: whoever wrote them may have been killed before this
        systemctl.run(&["daemon-reload"])?;
        starts.into_iter().try_for_each(|(unit, changed)| systemctl.bring_up(unit, changed, done))?;
    }
    Ok(())
}

/// Writes a file that everybody may read, unless it has this content; true when it was written.
fn put_file(path: &Path, content: &str, done: &mut Vec<String>) -> Result<bool, InstallError> {
    if std::fs::read_to_string(path).is_ok_and(|there| there == content) {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(InstallError::io("make", folder))?;
    }
    files::replace_with_mode(path, content.as_bytes(), 0o644).map_err(InstallError::io("write", path))?;
    done.push(format!("wrote {}", path.display()));
    Ok(true)
}

/// Deletes a file; true when it was there.
fn remove_file(path: &Path) -> Result<bool, InstallError> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(InstallError::io("delete", path)(error)),
    }
}
