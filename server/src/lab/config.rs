//! What the lab must be told.

use std::path::PathBuf;

/// Where the lab keeps things and what it starts.
#[derive(Clone, Debug)]
pub struct LabConfig {
    /// The portal's data folder; the lab lives in `lab/` under it, and no machine sees any of it.
    pub data_dir: PathBuf,
    /// The `annex-agent` program; best static, so that it runs in every machine.
    pub agent: PathBuf,
    /// The program that answers to `lab-boot` and `lab-init` ([`super::run_inner_command`]).
    /// `None`: this program, even if its file has been replaced since.
    pub program: Option<PathBuf>,
    /// More files and folders of the host that machines must not see.
    pub hide: Vec<PathBuf>,
}
