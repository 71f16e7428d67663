//! Packages that can not be had, are not what was signed, or mean harm.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use agent::handler::codes;
use agent::handler::package::{ArchiveLimits, unzip};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use crate::handler_rig::{Manifest, NAME, Rig, manifest_text, probe};

/// Name and content of a file.
type Named = (&'static str, Vec<u8>);
/// Name, Unix mode with type, and content of an archive's entry.
type Entry = (&'static str, u32, Vec<u8>);

#[tokio::test]
async fn transient_failures_are_retried_a_bounded_number_of_times() {
    let mut rig = Rig::started();
    rig.shelf.transient_failures.store(2, Ordering::SeqCst);
    let number = rig.go(vec![probe("1.0.0", 0)]).await;
    assert_eq!(rig.handler().status, "Ready");
    assert_eq!(rig.shelf.downloads.load(Ordering::SeqCst), 3);
    assert!(
        rig.lines(number, NAME).iter().any(|line| line.contains("503; trying again")),
        "{:?}",
        rig.lines(number, NAME)
    );

    rig.shelf.transient_failures.store(100, Ordering::SeqCst);
    rig.go(vec![probe("1.1.0", 0)]).await;
    let handler = rig.handler();
    assert_eq!((handler.status.as_str(), handler.code), ("NotReady", codes::PACKAGE_DOWNLOAD));
    assert_eq!(rig.shelf.downloads.load(Ordering::SeqCst), 3 + 4, "one more attempt than pauses");
    assert!(rig.home("1.0.0").exists(), "the installed version is left alone");
}

#[tokio::test]
async fn unlisted_versions_and_refused_packages() {
    let mut rig = Rig::started();
    rig.go(vec![probe("9.9.9", 0)]).await;
    assert_eq!((rig.handler().status.as_str(), rig.handler().code), ("NotReady", codes::UNKNOWN));
    assert!(rig.handler().formatted_message.message.contains("Unable to find version 9.9.9"));
    *rig.shelf.refuse.lock().unwrap() = Some("the package's SHA-256 is not the one that was signed".into());
    let number = rig.go(vec![probe("1.0.0", 0)]).await;
    assert_eq!(rig.handler().code, codes::PACKAGE_DOWNLOAD);
    assert!(rig.handler().formatted_message.message.contains("SHA-256"));
    assert_eq!(rig.steps(number, NAME), ["pickedUp done", "downloaded done", "verified failed"]);
    assert!(rig.calls().is_empty() && !rig.home("1.0.0").exists());
    *rig.shelf.refuse.lock().unwrap() = None;
    rig.go(vec![probe("1.0", 0)]).await;
    assert_eq!(rig.handler().handler_version, "1.0.0", "a prefix selects the published version");
    rig.unshelve("1.0.0");
    rig.forget_calls();
    rig.go(vec![agent::handler::WantedHandler { wish: agent::handler::Wish::Uninstalled, ..probe("1.0.0", 0) }]).await;
    assert_eq!(rig.calls(), ["disable 1.0.0 0", "uninstall 1.0.0 0"], "removal works although the version is unlisted");
}

#[tokio::test]
async fn manifests_in_odd_places_missing_or_broken() {
    let mut rig = Rig::started();
    let script = read_script(&rig);
    let table: [(&str, Option<Named>, i64); 4] = [
        ("2.0.0", Some(("deep/er/HandlerManifest.json", manifest_text(Manifest::default()))), 0),
        ("2.1.0", None, codes::HANDLER_MANIFEST_MISSING),
        ("2.2.0", Some(("HandlerManifest.json", b"{}".to_vec())), codes::HANDLER_MANIFEST_BROKEN),
        (
            "2.3.0",
            Some(("HandlerManifest.json", br#"[{"handlerManifest":{}}]"#.to_vec())),
            codes::HANDLER_MANIFEST_BROKEN,
        ),
    ];
    for (version, manifest, code) in table {
        let mut entries = vec![("bin/h.sh", 0o100_644, script.clone())];
        entries.extend(manifest.iter().map(|(name, text)| (*name, 0o100_644, text.clone())));
        rig.shelve(version, archive(&rig.folder, version, &entries));
        rig.go(vec![probe(version, 0)]).await;
        assert_eq!(rig.handler().code, code, "{version}: {:?}", rig.handler());
    }
    let no_zip = rig.folder.join("packages/no.zip");
    fs::write(&no_zip, "this is no zip").unwrap();
    rig.shelve("2.4.0", no_zip);
    rig.go(vec![probe("2.4.0", 0)]).await;
    assert_eq!(rig.handler().code, codes::EXTRACTION);
    assert_eq!(
        fs::read_dir(rig.places.packages()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_file()).count(),
        0
    );
}

fn read_script(rig: &Rig) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(fs::File::open(rig.folder.join("packages/1.0.0.zip")).unwrap()).unwrap();
    let mut text = Vec::new();
    std::io::copy(&mut zip.by_name("bin/h.sh").unwrap(), &mut text).unwrap();
    text
}

/// An archive with entries (name, Unix mode with type, content). Names are written as they are.
fn archive(folder: &Path, name: &str, entries: &[Entry]) -> PathBuf {
    let path = folder.join(format!("{name}.zip"));
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, mode, content) in entries {
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).unix_permissions(*mode);
        if mode & 0o170_000 == 0o120_000 {
            zip.add_symlink(*name, String::from_utf8(content.clone()).unwrap(), options).unwrap();
        } else {
            zip.start_file(*name, options).unwrap();
            zip.write_all(content).unwrap();
        }
    }
    zip.finish().unwrap();
    force_modes(&path, entries);
    path
}

/// Writes the modes with their type bits, which the library would not, into the central directory.
fn force_modes(path: &Path, entries: &[Entry]) {
    let mut bytes = fs::read(path).unwrap();
    let headers: Vec<usize> =
        bytes.windows(4).enumerate().filter(|(_, at)| at == b"PK\x01\x02").map(|(at, _)| at).collect();
    assert_eq!(headers.len(), entries.len());
    for (at, (_, mode, _)) in headers.into_iter().zip(entries) {
        bytes[at + 38..at + 42].copy_from_slice(&(mode << 16).to_le_bytes());
    }
    fs::write(path, bytes).unwrap();
}

const FILE: u32 = 0o100_644;
const LINK: u32 = 0o120_777;

fn unpack(entries: &[Entry], limits: ArchiveLimits) -> (Result<(), String>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive(folder.path(), "attack", entries);
    let root = folder.path().join("in/root");
    fs::create_dir_all(&root).unwrap();
    (unzip(&archive, &root, limits).map_err(|error| error.to_string()), folder)
}

#[test]
fn archives_that_leave_the_folder_are_refused() {
    let x = || b"x".to_vec();
    let link = |target: &str| target.as_bytes().to_vec();
    let table: Vec<(&str, Vec<Entry>)> = vec![
        ("leaves", vec![("../evil", FILE, x())]),
        ("leaves", vec![("a/../../evil", FILE, x())]),
        ("absolute", vec![("/evil", FILE, x())]),
        ("characters", vec![("a\\..\\evil", FILE, x())]),
        ("absolute", vec![("l", LINK, link("/etc/passwd"))]),
        ("leaves", vec![("l", LINK, link("../.."))]),
        ("leads nowhere", vec![("l", LINK, link("missing"))]),
        // Writing through a link that is made first.
        ("behind a link", vec![("d", LINK, link("..")), ("d/l", LINK, link("x"))]),
        // A link whose target passes through another link.
        ("leaves", vec![("s/t/f", FILE, x()), ("d", LINK, link("s/..")), ("l", LINK, link("d/../.."))]),
        ("twice", vec![("a", FILE, x()), ("./a", FILE, x())]),
        ("neither", vec![("pipe", 0o010_644, x())]),
        ("neither", vec![("disk", 0o060_644, x())]),
    ];
    for (reason, entries) in table {
        let (result, folder) = unpack(&entries, ArchiveLimits::default());
        let message = result.expect_err(reason);
        assert!(message.contains(reason), "{reason}: {message}");
        assert!(!folder.path().join("evil").exists() && !folder.path().join("in/evil").exists());
    }
    let (result, folder) = unpack(&[("d", LINK, link("..")), ("d/evil", FILE, x())], ArchiveLimits::default());
    assert!(result.is_err() && !folder.path().join("in/evil").exists());
}

#[test]
fn bombs_are_refused_and_good_archives_are_not() {
    let zeros = vec![0; 40 << 20];
    let (result, _folder) = unpack(&[("bomb", FILE, zeros.clone())], ArchiveLimits::default());
    assert!(result.unwrap_err().contains("unpacks to more than"));
    let small = ArchiveLimits { unpacked: 1000, ..ArchiveLimits::default() };
    let (result, _folder) = unpack(&[("a", FILE, vec![1; 600]), ("b", FILE, vec![1; 600])], small);
    assert!(result.unwrap_err().contains("more than 1000 bytes"));
    let few = ArchiveLimits { entries: 1, ..ArchiveLimits::default() };
    assert!(unpack(&[("a", FILE, vec![]), ("b", FILE, vec![])], few).0.unwrap_err().contains("2 entries"));
    let tiny = ArchiveLimits { packed: 10, ..ArchiveLimits::default() };
    assert!(unpack(&[("a", FILE, vec![])], tiny).0.unwrap_err().contains("10 are allowed"));

    let good = [
        ("bin/tool", FILE, b"#!/bin/sh".to_vec()),
        ("lib/l", LINK, b"../bin/tool".to_vec()),
        ("läns/ö", FILE, vec![1]),
    ];
    let (result, folder) = unpack(&good, ArchiveLimits::default());
    result.unwrap();
    assert_eq!(fs::read(folder.path().join("in/root/lib/l")).unwrap(), b"#!/bin/sh");
    assert_eq!(crate::handler_rig::mode(&folder.path().join("in/root/bin/tool")), 0o744);
}

proptest::proptest! {
    /// Damaged and malicious archives alike: refused or unpacked, but nothing beside the folder, and never a panic.
    #[test]
    fn changed_bytes_never_reach_outside(changes in proptest::collection::vec((0usize..4096, 0u8..=255), 0..12), cut in 0usize..200) {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("in");
        fs::create_dir(&inner).unwrap();
        let entries: [Entry; 4] = [
            ("bin/h", FILE, b"#!/bin/sh".repeat(20)),
            ("..x/y", FILE, b"y".to_vec()),
            ("bin/l", LINK, b"../..x/y".to_vec()),
            ("d/e", FILE, vec![7; 300]),
        ];
        let archive = archive(&inner, "changed", &entries);
        let mut bytes = fs::read(&archive).unwrap();
        bytes.truncate(bytes.len() - if cut < 150 { 0 } else { cut });
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        fs::write(&archive, bytes).unwrap();
        let root = inner.join("root");
        fs::create_dir(&root).unwrap();
        let _refused = unzip(&archive, &root, ArchiveLimits::default());
        proptest::prop_assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        proptest::prop_assert_eq!(fs::read_dir(&inner).unwrap().count(), 2);
    }
}
