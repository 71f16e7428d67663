//! Unpacking without trust: an archive can neither write outside its folder nor fill the disk.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

const TYPE_BITS: u32 = 0o170_000;
const LINK: u32 = 0o120_000;
const REGULAR: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
const LONGEST_TARGET: u64 = 4096;

/// How much an archive may contain.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the archive itself.
    pub packed: u64,
    /// Bytes of all files together, as they come out (not as the archive claims).
    pub unpacked: u64,
    /// Unpacked bytes per packed byte; counts once more than 16 MiB came out.
    pub ratio: u64,
    /// Number of entries.
    pub entries: usize,
    /// Bytes of one path.
    pub path: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { packed: 512 << 20, unpacked: 1 << 30, ratio: 200, entries: 20_000, path: 1024 }
    }
}

const RATIO_COUNTS_FROM: u64 = 16 << 20;

/// Why an archive was not unpacked. Nothing of it is used then.
#[derive(Debug, thiserror::Error)]
pub enum UnzipError {
    /// It is no zip archive, or a damaged one.
    #[error("the package is not a sound zip archive: {0}")]
    Archive(#[from] ZipError),
    /// Reading or writing failed.
    #[error("the package can not be unpacked: {0}")]
    Io(#[from] io::Error),
    /// A limit is passed.
    #[error("the package is refused: {0}")]
    TooBig(String),
    /// An entry would land outside the folder, or is nothing that may be unpacked.
    #[error("the package is refused: entry `{entry}` {reason}")]
    Entry {
        /// Its name, with unprintable characters escaped.
        entry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Unpacks `archive` into the empty folder `root`. Every file becomes executable for its owner.
///
/// # Errors
/// See [`UnzipError`]; what was unpacked until then is left for the caller to delete.
pub fn unzip(archive: &Path, root: &Path, limits: Limits) -> Result<(), UnzipError> {
    let file = File::open(archive)?;
    let packed = file.metadata()?.len();
    if packed > limits.packed {
        return Err(UnzipError::TooBig(format!("it has {packed} bytes, {} are allowed", limits.packed)));
    }
    let mut zip = ZipArchive::new(io::BufReader::new(file))?;
    if zip.len() > limits.entries {
        return Err(UnzipError::TooBig(format!("it has {} entries, {} are allowed", zip.len(), limits.entries)));
    }
    let most = limits.unpacked.min(packed.saturating_mul(limits.ratio).max(RATIO_COUNTS_FROM));
    let mut left = most;
    let mut seen = BTreeSet::new();
    let mut links = Vec::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index)?;
        let Some(path) = safe_path(&entry, limits.path)? else { continue };
        let kind = entry.unix_mode().map_or(0, |mode| mode & TYPE_BITS);
        if entry.is_dir() && matches!(kind, 0 | FOLDER) {
            fs::create_dir_all(root.join(&path))?;
            continue;
        }
        if !seen.insert(path.clone()) {
            return Err(refused(entry.name(), "occurs twice"));
        }
        match kind {
            LINK => {
                let mut target = String::new();
                let read = entry.by_ref().take(LONGEST_TARGET).read_to_string(&mut target)?;
                if read as u64 == LONGEST_TARGET
                    || target.is_empty()
                    || target.starts_with('/')
                    || target.contains('\0')
                {
                    return Err(refused(entry.name(), "is a link with an absolute, empty or overlong target"));
                }
                links.push((path, target));
            }
            0 | REGULAR => left = write(&mut entry, &root.join(&path), left, most)?,
            _ => return Err(refused(entry.name(), "is neither a file, a folder nor a link")),
        }
    }
    link(root, &links)
}

/// The relative path of an entry, or `None` for the root itself.
fn safe_path<R: Read>(entry: &ZipFile<'_, R>, longest: usize) -> Result<Option<PathBuf>, UnzipError> {
    let name = entry.name();
    if name.len() > longest {
        return Err(refused(name, "has too long a name"));
    }
    if std::str::from_utf8(entry.name_raw()).is_ok_and(|raw| raw != name) || name.contains(['\0', '\\']) {
        return Err(refused(name, "has a name with characters that are not allowed"));
    }
    if name.starts_with('/') {
        return Err(refused(name, "has an absolute path"));
    }
    let mut path = PathBuf::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(refused(name, "leaves the package's folder")),
            part => path.push(part),
        }
    }
    Ok(Some(path).filter(|path| !path.as_os_str().is_empty()))
}

fn write<R: Read>(entry: &mut ZipFile<'_, R>, path: &Path, left: u64, most: u64) -> Result<u64, UnzipError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o700).open(path)?;
    let written = io::copy(&mut entry.by_ref().take(left + 1), &mut file)?;
    if written > left {
        return Err(UnzipError::TooBig(format!("it unpacks to more than {most} bytes")));
    }
    let others = entry.unix_mode().unwrap_or(0o644) & 0o055;
    file.set_permissions(Permissions::from_mode(0o700 | others))?;
    Ok(left - written)
}

/// Makes the links last, so that nothing was written through them, and then checks where each really leads.
fn link(root: &Path, links: &[(PathBuf, String)]) -> Result<(), UnzipError> {
    let all: BTreeSet<&Path> = links.iter().map(|(path, _)| path.as_path()).collect();
    for (path, target) in links {
        if path.ancestors().skip(1).any(|parent| all.contains(parent)) {
            return Err(refused(&path.to_string_lossy(), "lies behind a link"));
        }
        let at = root.join(path);
        if let Some(parent) = at.parent() {
            fs::create_dir_all(parent)?;
        }
        symlink(target, at)?;
    }
    let inside = root.canonicalize()?;
    for path in all {
        if !root.join(path).canonicalize().is_ok_and(|leads_to| leads_to.starts_with(&inside)) {
            return Err(refused(
                &path.to_string_lossy(),
                "is a link that leaves the package's folder or leads nowhere",
            ));
        }
    }
    Ok(())
}

fn refused(entry: &str, reason: &'static str) -> UnzipError {
    UnzipError::Entry { entry: entry.escape_debug().take(200).collect(), reason }
}
