//! `unzip`: any bytes are refused or unpacked, and nothing ever appears outside the folder, nor a link that leaves it.
#![no_main]

use std::path::Path;

use agent::handler::package::{ArchiveLimits, unzip};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let outside = tempfile::tempdir().expect("a temporary folder");
    let (archive, root) = (outside.path().join("archive"), outside.path().join("root"));
    std::fs::write(&archive, data).expect("a file");
    std::fs::create_dir(&root).expect("a folder");
    let limits = ArchiveLimits { unpacked: 1 << 20, entries: 64, ..ArchiveLimits::default() };
    let unpacked = unzip(&archive, &root, limits).is_ok();
    assert_eq!(std::fs::read_dir(outside.path()).expect("listed").count(), 2, "something lies beside the folder");
    if unpacked {
        assert!(stays(&root, &root.canonicalize().expect("it is there")), "a link leaves the folder");
    }
});

fn stays(folder: &Path, root: &Path) -> bool {
    std::fs::read_dir(folder).expect("listed").flatten().all(|entry| {
        let kind = entry.file_type().expect("known");
        if kind.is_symlink() {
            entry.path().canonicalize().is_ok_and(|target| target.starts_with(root))
        } else {
            !kind.is_dir() || stays(&entry.path(), root)
        }
    })
}
