//! Where things lie under the data folder.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use domain::ids::VmId;

/// The folders of the whole lab.
#[derive(Clone, Debug)]
pub(super) struct LabFolders {
    /// `<data>`, absolute.
    pub data: PathBuf,
    /// `<data>/lab`.
    pub lab: PathBuf,
    /// `<data>/lab/portal`: holds `portal.sock` and nothing else. The folder is what machines see, so the socket may
    /// be made anew in it while they run.
    pub portal: PathBuf,
}

impl LabFolders {
    /// Makes them, for the owner only.
    pub fn make(data: &Path) -> io::Result<Self> {
        make_private(data)?;
        let data = fs::canonicalize(data)?;
        let lab = data.join("lab");
        let portal = lab.join("portal");
        make_private(&portal)?;
        Ok(Self { data, lab, portal })
    }

    /// The folder of one machine.
    pub fn machine(&self, id: VmId) -> PathBuf {
        self.lab.join(id.to_string())
    }

    /// Where a machine's folder goes before it is removed, so that a half-removed one is never taken for a machine.
    pub fn leaving(&self, id: VmId) -> PathBuf {
        self.lab.join(format!("{LEAVING}{id}"))
    }

    /// Where trials are made; left over, it is removed like an erased machine.
    pub fn trial(&self) -> PathBuf {
        self.lab.join(format!("{LEAVING}trial-{}", std::process::id()))
    }

    /// Ids of all machines that have a folder.
    pub fn machines(&self) -> Vec<VmId> {
        names(&self.lab).iter().filter_map(|name| name.parse().ok()).collect()
    }

    /// Folders whose removal was cut short.
    pub fn leavings(&self) -> Vec<PathBuf> {
        names(&self.lab).iter().filter(|name| name.starts_with(LEAVING)).map(|name| self.lab.join(name)).collect()
    }
}

const LEAVING: &str = ".leaving-";

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Makes a folder and its parents, new ones with mode 0700.
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
