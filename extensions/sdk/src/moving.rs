//! Keeping a handler's data while its version changes.
//!
//! An agent runs the old version's `uninstall` on removal and during an update alike, and does not say which it is.
//! The order of the commands tells it:
//!
//! ```text
//! removal            disable(old)                uninstall(old)                                   data goes
//! update             disable(old)  update(new)   uninstall(old)   install(new)   enable(new)      data stays
//! downgrade          disable(old)  update(old)   uninstall(old)   install(new)   enable(new)      data stays
//!                    └ clears      └ marks       └ looks          └ clears       └ clears
//! ```

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::atomic::{self, Durability};
use crate::environment::Environment;

fn marker(data: &Path) -> PathBuf {
    data.join("version-is-changing")
}

/// Called by `update`: the next `uninstall` belongs to a change of version.
///
/// # Errors
/// When the disk refuses.
pub fn mark(data: &Path) -> io::Result<()> {
    atomic::private_folder(data)?;
    atomic::write(&marker(data), b"", 0o600, Durability::Ordinary)
}

/// Called by `install`, `enable` and `disable`: no change of version is under way (any more).
pub fn clear(data: &Path) {
    // mostly it is not there
    let _ = fs::remove_file(marker(data));
}

/// Asked by `uninstall`: whether the data belongs to a version that is about to be installed.
#[must_use]
pub fn is_marked(data: &Path) -> bool {
    marker(data).exists()
}

/// Called by `update`: carries the last processed sequence numbers between the two versions, in case the agent does
/// not. The other version is the one updated from, or on a downgrade the target.
pub fn carry_sequence_numbers(environment: &Environment) {
    let folder = |variable: &str| {
        let version = env::var(variable).ok()?;
        let folder = environment.lib.join(format!("{}-{version}", environment.name));
        (folder.is_dir() && folder != environment.root).then_some(folder)
    };
    if let Some(former) = folder("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION") {
        copy_missing(&former, &environment.root);
    } else if let Some(target) = folder("VERSION") {
        copy_missing(&environment.root, &target);
    }
}

fn copy_missing(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_marker = name == "mrseq" || name.to_string_lossy().ends_with(".mrseq");
        if is_marker && !to.join(&name).exists() {
            // agents do this themselves; a failure here only loses the second line of defence
            let _ = fs::copy(entry.path(), to.join(&name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_tells_an_update_from_a_removal() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        clear(&data);
        assert!(!is_marked(&data));
        mark(&data).unwrap();
        assert!(is_marked(&data));
        clear(&data);
        assert!(!is_marked(&data));
    }

    #[test]
    fn numbers_are_carried_but_never_overwritten() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(one.path().join("mrseq"), "4").unwrap();
        fs::write(one.path().join("web.mrseq"), "5").unwrap();
        fs::write(one.path().join("other"), "6").unwrap();
        fs::write(two.path().join("mrseq"), "9").unwrap();
        copy_missing(one.path(), two.path());
        assert_eq!(fs::read_to_string(two.path().join("mrseq")).unwrap(), "9");
        assert_eq!(fs::read_to_string(two.path().join("web.mrseq")).unwrap(), "5");
        assert!(!two.path().join("other").exists());
    }
}
