//! `lab-init`: process 1 of a machine. Standard input: the spec; standard output: one [`Answer`]; standard error: console.log.
//!
//! ```text
//!  spec ─► root (overlay | copies) ─► /proc /sys /dev /tmp /run, portal, agent ─► lo up ─► pivot ─► host name,
//!  accounts, token ─► drop rights ─► answer Up ─► supervise until SIGTERM from outside
//! ```
//! Everything that needs rights happens before they are dropped; nothing of the machine's own runs before that.

mod accounts;
mod console;
mod copies;
mod copy_tree;
mod devices;
mod furnish;
mod identity;
mod mount_table;
mod mounting;
mod network;
mod others;
mod overlay;
mod rights;
mod supervise;
mod veil;

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use rustix::{
    fs::Mode,
    mount::{UnmountFlags, unmount},
    process::{getpid, pivot_root, set_child_subreaper, umask},
    stdio::{dup2_stdin, dup2_stdout},
    system::sethostname,
};

pub(super) use self::mounting::flags_of;
use self::supervise::{Duties, Signals};
use super::{
    super::{method::Method, socket::SOCKET_IN_MACHINE},
    spec::{Answer, MachineSpec, Purpose, read_spec, write_answer},
    step::{During, StepError},
};

/// Where the agent lies in a machine.
const AGENT_IN_MACHINE: &str = "/usr/local/bin/annex-agent";

/// Runs the machine until it is told to end.
pub(super) fn run() -> ExitCode {
    // The server's umask is for its own secrets; a machine's files are as usual.
    umask(Mode::from_raw_mode(0o022));
    let spec: MachineSpec = match read_spec() {
        Ok(spec) => spec,
        // The booting program is gone; so are we.
        Err(_) => return ExitCode::FAILURE,
    };
    let (signals, duties) = match prepare(&spec) {
        Ok(ready) => ready,
        Err(trouble) => {
            write_answer(&Answer::Failed(trouble.to_string()));
            return ExitCode::FAILURE;
        }
    };
    write_answer(&Answer::Up);
    if spec.purpose == Purpose::Probe {
        return ExitCode::SUCCESS;
    }
    match quiet().and_then(|()| supervise::supervise(signals, &duties)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            console::say(&format!("the machine ends: {trouble}"));
            ExitCode::FAILURE
        }
    }
}

/// Makes the machine; afterwards this process is in it, with its rights.
fn prepare(spec: &MachineSpec) -> Result<(Signals, Duties), StepError> {
    let signals = Signals::install().during("installing signal handlers")?;
    if spec.method == Method::Bare {
        return Ok((signals, prepare_bare(spec)?));
    }
    let resolver = spec.outside_network.then(|| fs::read("/etc/resolv.conf").unwrap_or_default());
    let root = spec.folder.join("root");
    fs::create_dir_all(&root).during("making the mount point")?;
    match spec.method {
        Method::Overlay => overlay::build(&root, spec)?,
        _ => copies::build(&root, spec)?,
    }
    furnish::furnish(&root, spec)?;
    if !spec.outside_network {
        network::loopback_up().during("switching lo on")?;
    }
    pivot(&root)?;
    sethostname(spec.host_name.as_bytes()).during("setting the host name")?;
    if spec.purpose == Purpose::Run {
        identity::settle(spec, resolver.as_deref())?;
    }
    rights::reduce(spec)?;
    Ok((signals, Duties::in_machine(AGENT_IN_MACHINE, SOCKET_IN_MACHINE)))
}

/// Without namespaces there is nothing to build but a folder.
fn prepare_bare(spec: &MachineSpec) -> Result<Duties, StepError> {
    let root = spec.folder.join("root");
    super::super::folders::make_private(&root).during("making the machine's folder")?;
    // Orphans of the machine become our children, so that they can be found and ended.
    set_child_subreaper(Some(getpid())).during("becoming the parent of orphans")?;
    let duties = Duties::bare(&spec.agent, &spec.portal, &root);
    identity::keep_token(spec, &duties.token).during("keeping the enrolment token")?;
    Ok(duties)
}

/// Makes `root` the root and lets go of the old one with everything mounted in it.
fn pivot(root: &Path) -> Result<(), StepError> {
    std::env::set_current_dir(root).during("entering the machine's root")?;
    // With both names equal the old root ends up on top of the new one, and is then taken off: no folder is needed.
    pivot_root(".", ".").during("changing the root")?;
    unmount(".", UnmountFlags::DETACH).during("letting go of the host's root")?;
    std::env::set_current_dir("/").during("entering the new root")
}

/// Nobody listens on our standard streams any more, except to standard error.
fn quiet() -> Result<(), StepError> {
    let null = open_null().during("opening /dev/null")?;
    dup2_stdin(&null).and_then(|()| dup2_stdout(&null)).during("closing standard streams")
}

fn open_null() -> io::Result<File> {
    File::options().read(true).write(true).open(PathBuf::from("/dev/null"))
}
