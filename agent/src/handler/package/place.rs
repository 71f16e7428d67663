//! Putting directories where they belong, and away.

use std::fs;
use std::io;
use std::path::Path;

use crate::handler::places::{HandlerHome, Places};
use crate::handler::record::Traits;
use crate::handler::{Failure, Version, codes};

use super::environment_file::furnish;
use super::manifest::lift_manifest;
use super::{ArchiveLimits, read_manifest, traits_of, unzip};

/// Unpacks a verified package to its place. A directory of the same version, left by a failed attempt, is replaced;
/// its status files and mrseq are kept, because they may come from the version before.
///
/// # Errors
/// 1002, 1003 for the manifest, 1005 for everything else.
pub fn place(places: &Places, handler: &str, version: &Version, package: &Path) -> Result<Traits, Failure> {
    let failed =
        |error: io::Error| Failure::new(codes::EXTRACTION, format!("the package can not be unpacked: {error}"));
    let home = places.home(handler, version);
    let fresh = places.packages().join(format!("{handler}-{version}.new"));
    remove(&fresh).map_err(failed)?;
    fs::create_dir_all(&fresh).map_err(failed)?;
    unzip(package, &fresh, ArchiveLimits::default())
        .map_err(|error| Failure::new(codes::EXTRACTION, error.to_string()))?;
    lift_manifest(&fresh)?;
    let manifest = read_manifest(&fresh.join("HandlerManifest.json"))?;
    furnish(&fresh, handler, &home).map_err(failed)?;
    replace(&home, &fresh, &places.packages().join(format!("{handler}-{version}.old"))).map_err(failed)?;
    Ok(traits_of(&manifest))
}

/// Swaps `fresh` in. A crash between the two renames leaves the old directory as `aside`; it comes back at the next try.
fn replace(home: &HandlerHome, fresh: &Path, aside: &Path) -> io::Result<()> {
    if aside.exists() && !home.root.exists() {
        fs::rename(aside, &home.root)?;
    }
    remove(aside)?;
    if home.root.exists() {
        carry_over(&home.root, fresh)?;
        fs::rename(&home.root, aside)?;
    }
    fs::rename(fresh, &home.root)?;
    remove(aside)
}

/// Copies the status files and the file `mrseq` from one version's directory to another's.
///
/// # Errors
/// As the file system says; what is missing in `from` is no error.
pub fn carry_over(from: &Path, to: &Path) -> io::Result<()> {
    copy_if_there(&from.join("mrseq"), &to.join("mrseq"))?;
    let entries = match fs::read_dir(from.join("status")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name().to_string_lossy().ends_with(".status") {
            copy_if_there(&entry.path(), &to.join("status").join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn copy_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::copy(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        copied => copied.map(drop),
    }
}

/// Deletes a directory; a missing one is no error.
///
/// # Errors
/// As the file system says.
pub fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
