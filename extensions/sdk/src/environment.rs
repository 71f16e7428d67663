//! Where a handler is: `HandlerEnvironment.json`, the folder of the package and the folder of the agent.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use agent_protocol::{HandlerEnvironment, ParseError};

/// The name of the file that the agent writes beside the manifest.
pub const FILE_NAME: &str = "HandlerEnvironment.json";

/// The folders that one installed version of a handler works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// The unpacked package: `<lib>/<Publisher.Type>-<version>`.
    pub root: PathBuf,
    /// The agent's folder, with the machine's certificates in it; a handler's own data lies beside the packages.
    pub lib: PathBuf,
    /// `Publisher.Type`.
    pub name: String,
    /// Survives removal of the extension.
    pub log_folder: PathBuf,
    /// Holds `<seq>.settings`.
    pub config_folder: PathBuf,
    /// Takes `<seq>.status`.
    pub status_folder: PathBuf,
    /// Present when the agent reads heartbeats.
    pub heartbeat_file: Option<PathBuf>,
    /// Where the agent tails what a script prints; absent under agents that do not.
    pub output_folder: Option<PathBuf>,
}

/// Why a handler does not know where it is.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// No folder above the program holds a package.
    #[error("no HandlerManifest.json above {0}: start the handler from an unpacked package")]
    NoPackage(PathBuf),
    /// The file is absent or unreadable.
    #[error("cannot read {path}: {source}; the agent writes this file before it calls a handler")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not the document of the contract.
    #[error("{path} is not a handler environment: {source}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        source: ParseError,
    },
}

impl Environment {
    /// Finds the package that the running program lies in and reads its environment.
    ///
    /// # Errors
    /// When the program does not lie in a package, or the agent has not written the file.
    pub fn locate() -> Result<Self, EnvironmentError> {
        let program = env::current_exe().unwrap_or_default();
        Self::load(&package_above(&program)?)
    }

    /// Reads the environment of the package at `root`.
    ///
    /// # Errors
    /// When the file is absent or is not the document of the contract. Unknown keys are ignored.
    pub fn load(root: &Path) -> Result<Self, EnvironmentError> {
        let path = root.join(FILE_NAME);
        let bytes = fs::read(&path).map_err(|source| EnvironmentError::Unreadable { path: path.clone(), source })?;
        let document = HandlerEnvironment::parse(&bytes)
            .map_err(|source| EnvironmentError::Malformed { path: path.clone(), source })?;
        let folders = document.handler_environment;
        Ok(Self {
            root: root.to_path_buf(),
            lib: root.parent().unwrap_or(root).to_path_buf(),
            name: if document.name.is_empty() { name_of(root) } else { document.name },
            log_folder: folders.log_folder.into(),
            config_folder: folders.config_folder.into(),
            status_folder: folders.status_folder.into(),
            heartbeat_file: Some(folders.heartbeat_file).filter(|file| !file.is_empty()).map(PathBuf::from),
            output_folder: folders.output_folder.filter(|folder| !folder.is_empty()).map(PathBuf::from),
        })
    }

    /// The folder that holds a handler's own data over all its versions.
    #[must_use]
    pub fn data_folder(&self, short_name: &str) -> PathBuf {
        self.lib.join(short_name)
    }
}

fn package_above(program: &Path) -> Result<PathBuf, EnvironmentError> {
    program
        .ancestors()
        .skip(1)
        .find(|folder| folder.join("HandlerManifest.json").is_file())
        .map(Path::to_path_buf)
        .ok_or_else(|| EnvironmentError::NoPackage(program.to_path_buf()))
}

/// `Publisher.Type-1.2.3` without its version.
fn name_of(root: &Path) -> String {
    let folder = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folder.rsplit_once('-').map_or(folder.clone(), |(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_agents_file_and_ignores_what_it_does_not_know() {
        let lib = tempfile::tempdir().unwrap();
        let root = lib.path().join("Annex.Extensions.CustomScript-1.0.0");
        fs::create_dir(&root).unwrap();
        let text = r#"[{"name":"Annex.Extensions.CustomScript","version":1.0,"roleName":"x","handlerEnvironment":
            {"logFolder":"/l","configFolder":"/c","statusFolder":"/s","heartbeatFile":"/h","eventsFolder":"/e","outputFolder":"/o"}}]"#;
        fs::write(root.join(FILE_NAME), text).unwrap();
        let environment = Environment::load(&root).unwrap();
        assert_eq!(environment.output_folder, Some(PathBuf::from("/o")));
        assert_eq!(environment.lib, lib.path());
        assert_eq!(environment.data_folder("custom-script"), lib.path().join("custom-script"));
    }

    #[test]
    fn says_what_is_wrong() {
        let lib = tempfile::tempdir().unwrap();
        assert!(Environment::load(lib.path()).unwrap_err().to_string().contains("the agent writes this file"));
        for text in ["", "{}", "[]", "[{\"name\":\"a\"}]", "[{\"handlerEnvironment\":{\"logFolder\":1}}]"] {
            fs::write(lib.path().join(FILE_NAME), text).unwrap();
            assert!(Environment::load(lib.path()).unwrap_err().to_string().contains("not a handler environment"));
        }
    }

    #[test]
    fn the_name_is_taken_from_the_folder_when_the_file_has_none() {
        assert_eq!(name_of(Path::new("/var/lib/waagent/Annex.Extensions.A-b-1.0.0")), "Annex.Extensions.A-b");
        assert_eq!(name_of(Path::new("/x/plain")), "plain");
    }
}
