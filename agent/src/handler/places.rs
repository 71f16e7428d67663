//! Where things lie on the machine.
//!
//! ```text
//! <library>/Publisher.Type-1.0.0/         one unpacked version          (HandlerHome)
//!     HandlerManifest.json  HandlerEnvironment.json  heartbeat.log  mrseq
//!     config/   0.settings | web.0.settings   HandlerState   HandlerStatus
//!     status/   0.status   | web.0.status
//!     output/   0.stdout 0.stderr | web.0.stdout …    what a handler's script prints
//! <logs>/Publisher.Type/CommandExecution.log
//! <state>/handlers/Publisher.Type.json    the record planning starts from
//! <state>/commands/Publisher.Type/7/      one command that was started: lock, pid, exit, stdout, stderr
//! <state>/packages/                       downloads and unpacking in progress
//! ```

use std::path::{Path, PathBuf};

use super::Version;

/// The three roots, all of which tests put somewhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// Where handlers live: `/var/lib/waagent`.
    pub library: PathBuf,
    /// Where handlers log: `/var/log/azure`.
    pub logs: PathBuf,
    /// The agent's own state: `/var/lib/annex-agent`.
    pub state: PathBuf,
}

impl Places {
    /// The directory of one unpacked version.
    #[must_use]
    pub fn home(&self, handler: &str, version: &Version) -> HandlerHome {
        HandlerHome { root: self.library.join(format!("{handler}-{version}")), logs: self.log_folder(handler) }
    }

    /// Log folder of a handler, the same for all its versions.
    #[must_use]
    pub fn log_folder(&self, handler: &str) -> PathBuf {
        self.logs.join(handler)
    }

    /// Folder of the records.
    #[must_use]
    pub fn records(&self) -> PathBuf {
        self.state.join("handlers")
    }

    /// Folder of a handler's command tickets.
    #[must_use]
    pub fn tickets(&self, handler: &str) -> PathBuf {
        self.state.join("commands").join(handler)
    }

    /// Folder for downloads; on the file system of `library`, so that unpacked packages can be moved into place.
    #[must_use]
    pub fn packages(&self) -> PathBuf {
        self.library.join(".annex-packages")
    }
}

/// The directory of one unpacked version of a handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandlerHome {
    /// The directory itself, working directory of every command.
    pub root: PathBuf,
    /// The handler's log folder.
    pub logs: PathBuf,
}

impl HandlerHome {
    /// Settings files and the agent's state files.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.root.join("config")
    }

    /// Status files.
    #[must_use]
    pub fn status(&self) -> PathBuf {
        self.root.join("status")
    }

    /// What scripts print.
    #[must_use]
    pub fn output(&self) -> PathBuf {
        self.root.join("output")
    }

    /// The heartbeat file.
    #[must_use]
    pub fn heartbeat(&self) -> PathBuf {
        self.root.join("heartbeat.log")
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> PathBuf {
        self.root.join("HandlerManifest.json")
    }

    /// Settings file of an instance.
    #[must_use]
    pub fn settings_file(&self, key: &str, sequence: u64) -> PathBuf {
        self.config().join(instance_file(key, sequence, "settings"))
    }

    /// Status file of an instance.
    #[must_use]
    pub fn status_file(&self, key: &str, sequence: u64) -> PathBuf {
        self.status().join(instance_file(key, sequence, "status"))
    }

    /// Output file of an instance; `stream` is `stdout` or `stderr`.
    #[must_use]
    pub fn output_file(&self, key: &str, sequence: u64, stream: &str) -> PathBuf {
        self.output().join(instance_file(key, sequence, stream))
    }
}

fn instance_file(key: &str, sequence: u64, ending: &str) -> String {
    if key.is_empty() { format!("{sequence}.{ending}") } else { format!("{key}.{sequence}.{ending}") }
}

/// Whether `name` can be part of a file name without meaning anything else.
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && !name.starts_with('.')
        && !name.contains(|c: char| c == '/' || c == '\\' || c.is_control())
}

/// Creates a directory and its parents, readable by the owner only.
///
/// # Errors
/// As the file system says.
pub fn private_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}

/// Replaces a file in one step; readable by the owner only. Whoever reads it sees the old or the new content.
///
/// # Errors
/// As the file system says; the old content is then still there.
pub fn replace_file(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".annex-new");
    let beside = path.with_file_name(name);
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(content)?;
    drop(file);
    std::fs::rename(&beside, path)
}
