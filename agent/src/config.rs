//! Configuration: flags win over the environment, the environment over the file, the file over the defaults.
//!
//! The file has lines `key = value`; `#` begins a comment, quotes around a value are optional. An unknown key is an
//! error, because a misspelt one would otherwise be ignored silently.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::layout::Layout;

/// Where the file is when nobody says otherwise.
pub const FILE: &str = "/etc/annex-agent.conf";

/// What can be configured; the same names, with `-` for `_`, in the file.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Configuration file [default: /etc/annex-agent.conf, if it exists]
    #[arg(long, env = "ANNEX_AGENT_CONFIG", global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Server address instead of the one this machine enrolled at: http://host:port, https://host:port or unix:/path
    #[arg(long, env = "ANNEX_AGENT_SERVER", global = true, value_name = "URL")]
    pub server: Option<String>,
    /// The agent's own state [default: /var/lib/annex-agent]
    #[arg(long, env = "ANNEX_AGENT_STATE_DIR", global = true, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Where handlers are installed [default: /var/lib/waagent]
    #[arg(long, env = "ANNEX_AGENT_LIBRARY_DIR", global = true, value_name = "DIR")]
    pub library_dir: Option<PathBuf>,
    /// Where handlers write their logs [default: /var/log/azure]
    #[arg(long, env = "ANNEX_AGENT_LOG_DIR", global = true, value_name = "DIR")]
    pub log_dir: Option<PathBuf>,
    /// Prefix of every path, for tests and for systems that are being built
    #[arg(long, env = "ANNEX_AGENT_ROOT", global = true, value_name = "DIR", hide = true)]
    pub root: Option<PathBuf>,
    /// How much the agent says on standard error: error, warn, info, debug or trace [default: info]
    #[arg(long, env = "ANNEX_AGENT_LOG_LEVEL", global = true, value_name = "LEVEL")]
    pub log_level: Option<String>,
}

/// The file or a value in it cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read {path}: {reason}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A line in it makes no sense.
    #[error("{path}, line {line}: {reason}")]
    Line {
        /// Which file.
        path: PathBuf,
        /// Line number from 1.
        line: usize,
        /// What is wrong and what is right.
        reason: String,
    },
    /// The log level is none.
    #[error("{0:?} is no log level; use error, warn, info, debug or trace")]
    Level(String),
}

impl Config {
    /// Fills what flags and environment leave open from the file.
    ///
    /// # Errors
    /// A file that was named does not exist, or the file makes no sense.
    pub fn complete(self) -> Result<Self, ConfigError> {
        let path = self.config.clone().unwrap_or_else(|| FILE.into());
        match std::fs::read_to_string(&path) {
            Ok(text) => self.merge(&path, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.config.is_none() => Ok(self),
            Err(error) => Err(ConfigError::Read { path, reason: error.to_string() }),
        }
    }

    fn merge(mut self, path: &Path, text: &str) -> Result<Self, ConfigError> {
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fault = |reason: String| ConfigError::Line { path: path.to_owned(), line: number + 1, reason };
            let (key, value) = line.split_once('=').ok_or_else(|| fault("expected key = value".to_owned()))?;
            let value = value.trim().trim_matches('"').to_owned();
            match key.trim() {
                "server" => self.server = self.server.or(Some(value)),
                "state-dir" => self.state_dir = self.state_dir.or(Some(value.into())),
                "library-dir" => self.library_dir = self.library_dir.or(Some(value.into())),
                "log-dir" => self.log_dir = self.log_dir.or(Some(value.into())),
                "log-level" => self.log_level = self.log_level.or(Some(value)),
                other => {
                    let known = "server, state-dir, library-dir, log-dir, log-level";
                    return Err(fault(format!("{other:?} is no setting; there are {known}")));
                }
            }
        }
        Ok(self)
    }

    /// Where everything lies.
    #[must_use]
    pub fn layout(&self) -> Layout {
        let usual = self.root.as_deref().map_or_else(Layout::default, Layout::in_root);
        Layout {
            state: self.state_dir.clone().unwrap_or(usual.state),
            library: self.library_dir.clone().unwrap_or(usual.library),
            logs: self.log_dir.clone().unwrap_or(usual.logs),
            root: usual.root,
        }
    }

    /// What was said by flag or environment, as flags for another process of this program.
    #[must_use]
    pub fn flags(&self) -> Vec<String> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let named = [
            ("config", path(&self.config)),
            ("server", self.server.clone()),
            ("state-dir", path(&self.state_dir)),
            ("library-dir", path(&self.library_dir)),
            ("log-dir", path(&self.log_dir)),
            ("log-level", self.log_level.clone()),
        ];
        named.into_iter().filter_map(|(name, value)| Some(format!("--{name}={}", value?))).collect()
    }

    /// How much is logged.
    ///
    /// # Errors
    /// The word is no level.
    pub fn level(&self) -> Result<tracing::Level, ConfigError> {
        let word = self.log_level.as_deref().unwrap_or("info");
        word.parse().map_err(|_| ConfigError::Level(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Config, ConfigError};

    #[test]
    fn flags_win_over_the_file() {
        let flags = Config { server: Some("unix:/a".into()), ..Config::default() };
        let text = "# a comment\nserver = http://b\nlog-level=\"debug\"\n\nstate-dir = /s\n";
        let config = flags.merge(Path::new("f"), text).unwrap();
        assert_eq!(config.server.as_deref(), Some("unix:/a"));
        assert_eq!(config.level(), Ok(tracing::Level::DEBUG));
        assert_eq!(config.layout().state, Path::new("/s"));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let error = Config::default().merge(Path::new("f"), "\nsever = x").unwrap_err();
        assert!(matches!(&error, ConfigError::Line { line: 2, .. }), "{error}");
        assert!(Config { log_level: Some("loud".into()), ..Config::default() }.level().is_err());
    }
}
