//! Which generation of settings a command is about, and which was processed last (`mrseq`).

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::atomic::{self, Durability};
use crate::environment::Environment;

/// One generation of settings of one extension instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// The instance's name under a multi-config handler.
    pub extension: Option<String>,
    /// The number of the settings.
    pub number: u64,
}

impl Sequence {
    /// Takes `ConfigSequenceNumber` and `ConfigExtensionName` from the process environment; without a number, the
    /// settings file that changed last, and 0 when there is none.
    #[must_use]
    pub fn current(environment: &Environment) -> Self {
        let extension = env::var("ConfigExtensionName").ok().filter(|name| !name.is_empty());
        let stated = env::var("ConfigSequenceNumber").ok().and_then(|text| text.trim().parse().ok());
        let number =
            stated.or_else(|| newest_settings(&environment.config_folder, extension.as_deref())).unwrap_or_default();
        Self { extension, number }
    }

    /// Reads what [`Sequence::stem`] wrote.
    #[must_use]
    pub fn parse(stem: &str) -> Option<Self> {
        match stem.rsplit_once('.') {
            Some((name, number)) => Some(Self { extension: Some(name.to_owned()), number: number.parse().ok()? }),
            None => Some(Self { extension: None, number: stem.parse().ok()? }),
        }
    }

    /// `7`, or `name.7` under a multi-config handler: what all files of this generation begin with.
    #[must_use]
    pub fn stem(&self) -> String {
        match &self.extension {
            Some(name) => format!("{name}.{}", self.number),
            None => self.number.to_string(),
        }
    }

    /// The file `<stem>.<ending>` in `folder`.
    #[must_use]
    pub fn file(&self, folder: &Path, ending: &str) -> PathBuf {
        folder.join(format!("{}.{ending}", self.stem()))
    }

    fn marker(&self, root: &Path) -> PathBuf {
        match &self.extension {
            Some(name) => root.join(format!("{name}.mrseq")),
            None => root.join("mrseq"),
        }
    }

    /// The number processed last, `None` when no settings were processed yet.
    ///
    /// The file lies beside the manifest because agents carry it to the next version and delete it with the package.
    #[must_use]
    pub fn last_processed(&self, root: &Path) -> Option<u64> {
        fs::read_to_string(self.marker(root)).ok()?.trim().parse().ok()
    }

    /// Forgets which number was processed last: the instance was removed, and one that is made anew begins at 0.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn forget(&self, root: &Path) -> io::Result<()> {
        match fs::remove_file(self.marker(root)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Saves this number as processed. It outlives this process; to outlive a power cut as well, `durability` says.
    ///
    /// # Errors
    /// When the disk refuses; the settings must not be processed then.
    pub fn save(&self, root: &Path, durability: Durability) -> io::Result<()> {
        atomic::write(&self.marker(root), self.number.to_string().as_bytes(), 0o600, durability)
    }
}

/// Numbers of all files `[<extension>.]<number>.<ending>` in `folder`, in no order.
#[must_use]
pub fn numbers(folder: &Path, extension: Option<&str>, ending: &str) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().filter_map(|entry| number_of(entry.file_name().to_str()?, extension, ending)).collect()
}

/// All generations, of every instance, that have a file `<stem>.<ending>` in `folder`; in no order.
#[must_use]
pub fn all(folder: &Path, ending: &str) -> Vec<Sequence> {
    let sequence =
        |entry: fs::DirEntry| Sequence::parse(entry.file_name().to_str()?.strip_suffix(ending)?.strip_suffix('.')?);
    fs::read_dir(folder).into_iter().flatten().flatten().filter_map(sequence).collect()
}

/// Whether settings of any instance were processed by the package at `root`, or by the version it was updated from.
#[must_use]
pub fn is_any_processed(root: &Path) -> bool {
    let is_marker = |name: &str| name == "mrseq" || name.ends_with(".mrseq");
    fs::read_dir(root).into_iter().flatten().flatten().any(|entry| entry.file_name().to_str().is_some_and(is_marker))
}

fn number_of(file_name: &str, extension: Option<&str>, ending: &str) -> Option<u64> {
    let stem = file_name.strip_suffix(ending)?.strip_suffix('.')?;
    let sequence = Sequence::parse(stem)?;
    (sequence.extension.as_deref() == extension).then_some(sequence.number)
}

fn newest_settings(folder: &Path, extension: Option<&str>) -> Option<u64> {
    fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter_map(|entry| {
            let number = number_of(entry.file_name().to_str()?, extension, "settings")?;
            Some((entry.metadata().and_then(|data| data.modified()).ok()?, number))
        })
        .max()
        .map(|(_, number)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_round_trip() {
        for (text, extension, number) in [("7", None, 7), ("web.12", Some("web"), 12), ("a.b.3", Some("a.b"), 3)] {
            let sequence = Sequence::parse(text).unwrap();
            assert_eq!((sequence.extension.as_deref(), sequence.number), (extension, number));
            assert_eq!(sequence.stem(), text);
        }
        assert_eq!(Sequence::parse("x"), None);
    }

    #[test]
    fn the_marker_is_kept_per_instance() {
        let root = tempfile::tempdir().unwrap();
        let one = Sequence { extension: None, number: 4 };
        let named = Sequence { extension: Some("web".into()), number: 9 };
        assert_eq!(one.last_processed(root.path()), None);
        one.save(root.path(), Durability::Ordinary).unwrap();
        named.save(root.path(), Durability::Synced).unwrap();
        assert_eq!(one.last_processed(root.path()), Some(4));
        assert_eq!(named.last_processed(root.path()), Some(9));
        assert!(root.path().join("web.mrseq").is_file());
    }

    #[test]
    fn other_instances_files_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["1.settings", "2.settings", "web.5.settings", "2.status", "x.settings", "HandlerState"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let mut plain = numbers(folder.path(), None, "settings");
        plain.sort_unstable();
        assert_eq!(plain, [1, 2]);
        assert_eq!(numbers(folder.path(), Some("web"), "settings"), [5]);
    }
}
