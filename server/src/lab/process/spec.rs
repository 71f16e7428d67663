//! What the server tells `lab-boot`, `lab-boot` tells `lab-init`, and what comes back. JSON, one document each.

use std::{
    io::{self, Read, Write},
    path::PathBuf,
};

use domain::secret::Secret;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    super::method::Method,
    step::{During, StepError},
};

/// Everything about one machine to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in super::super) struct MachineSpec {
    /// The machine's id.
    pub id: String,
    /// Its host name.
    pub host_name: String,
    /// How it is kept apart.
    pub method: Method,
    /// Shares the host's network.
    pub outside_network: bool,
    /// `<data>/lab/<id>`.
    pub folder: PathBuf,
    /// Holds the portal's socket.
    pub portal: PathBuf,
    /// The agent program on the host.
    pub agent: PathBuf,
    /// What the machine must not see of the host.
    pub hide: Vec<PathBuf>,
    /// Present until it has enrolled. Travels by pipe and lies in the machine in a file of mode 0600, never in argv.
    pub enrolment_token: Option<Secret>,
    /// What it is started for.
    pub purpose: Purpose,
}

/// What a machine is started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) enum Purpose {
    /// To run its agent.
    Run,
    /// To see whether this host permits it: no copies are made, and it ends as soon as it is up.
    Probe,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in super::super) enum Answer {
    /// It is up (or was up already).
    Up,
    /// It is not, and nothing of it runs.
    Failed(String),
}

/// A disk to be removed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in super::super) struct EraseSpec {
    /// How the machine was kept apart.
    pub method: Method,
    /// What to remove.
    pub folder: PathBuf,
}

/// Reads the one document on standard input.
pub(super) fn read_spec<T: DeserializeOwned>() -> Result<T, StepError> {
    let mut text = Vec::new();
    io::stdin().lock().read_to_end(&mut text).during("reading what to do")?;
    serde_json::from_slice(&text).map_err(io::Error::from).during("reading what to do")
}

/// Writes an answer as one line. Nobody may be listening any more; that changes nothing.
pub(super) fn write_answer(answer: &Answer) {
    let mut line = serde_json::to_string(answer).unwrap_or_default();
    line.push('\n');
    let mut out = io::stdout().lock();
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
}
