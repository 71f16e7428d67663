//! The golden corpus: documents as they lie in `tests/corpus`, read and written.
//!
//! - `foreign/`: as others write them. Each is read; what it means, written by us, is the file of the same name in `own/`.
//! - `own/`: as we write them. Each is read and written again without a change.
//! - `refused/`: each is an error, not a panic and not a value.
//!
//! After a wanted change: `ANNEX_BLESS=1 cargo test -p agent-protocol --test corpus`, and read the difference.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use agent_protocol::{telemetry::HealthObservations, *};

type Check = fn(&[u8]) -> Result<Vec<u8>, ParseError>;

macro_rules! xml {
    ($type:ty) => {
        |bytes| Ok(<$type>::parse(bytes)?.render().into_bytes())
    };
}

macro_rules! json {
    ($type:ty) => {
        |bytes| Ok(<$type>::parse(bytes)?.render())
    };
}

/// Every document of this crate: reading it and writing what was read.
fn kinds() -> BTreeMap<&'static str, Check> {
    BTreeMap::from([
        ("versions", xml!(Versions) as Check),
        ("goal_state", xml!(GoalState)),
        ("hosting_environment", xml!(HostingEnvironmentConfig)),
        ("shared_config", xml!(SharedConfig)),
        ("extensions_config", xml!(ExtensionsConfig)),
        ("certificates", xml!(CertificateFile)),
        ("extension_manifest", xml!(ExtensionManifest)),
        ("health", xml!(HealthReport)),
        ("role_properties", xml!(RoleProperties)),
        ("telemetry", xml!(TelemetryData)),
        ("health_observations", json!(HealthObservations)),
        ("status", json!(StatusDocument)),
        ("host_plugin", json!(StatusUpload)),
        ("status_file", json!(StatusFile)),
        ("heartbeat", json!(Heartbeat)),
        ("handler_manifest", json!(HandlerManifest)),
        ("handler_environment", json!(HandlerEnvironment)),
        ("settings_file", json!(SettingsFile)),
        ("extension_image", |bytes| Ok(ExtensionImage::parse_checked(bytes)?.render())),
        ("enrol_request", json!(EnrolRequest)),
        ("enrol_response", json!(EnrolResponse)),
        ("error_response", json!(ErrorResponse)),
        ("records_request", json!(RecordsRequest)),
        ("records_response", json!(RecordsResponse)),
    ])
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name)
}

/// Name, kind and content of every file in a folder.
fn files(name: &str) -> Vec<(String, Check, Vec<u8>)> {
    let kinds = kinds();
    let mut files = Vec::new();
    for entry in fs::read_dir(folder(name)).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let kind = file.split('.').next().unwrap();
        let check = kinds.get(kind).unwrap_or_else(|| panic!("{file}: {kind} is no kind"));
        files.push((file, *check, fs::read(&path).unwrap()));
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files
}

#[test]
fn foreign_documents_mean_what_the_own_ones_say() {
    for (file, check, bytes) in files("foreign") {
        let own = folder("own").join(&file);
        let written = check(&bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
        if std::env::var_os("ANNEX_BLESS").is_some() {
            fs::write(&own, [&written[..], b"\n"].concat()).unwrap();
        }
        let expected = fs::read_to_string(&own).unwrap_or_default();
        assert_eq!(String::from_utf8_lossy(&written), expected.trim_end_matches('\n'), "{file}");
    }
}

#[test]
fn own_documents_are_read_and_written_without_a_change() {
    for (file, check, bytes) in files("own") {
        let written = check(&bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(&bytes).trim_end_matches('\n'), "{file}");
    }
}

#[test]
fn refused_documents_are_errors() {
    for (file, check, bytes) in files("refused") {
        assert!(check(&bytes).is_err(), "{file} was accepted");
    }
}

/// A torn or mangled document never panics, and a value that comes out of it can be written and read again.
#[test]
fn any_prefix_and_any_flipped_byte_is_survived() {
    for (file, check, bytes) in files("foreign") {
        for cut in 0..bytes.len() {
            let mut mangled = bytes[..cut].to_vec();
            let _ = check(&mangled);
            mangled.push(b'<');
            mangled.extend_from_slice(&bytes[cut + 1..]);
            if let Ok(written) = check(&mangled) {
                assert!(check(&written).is_ok(), "{file}, byte {cut}: what was written cannot be read");
            }
        }
    }
}

#[test]
fn every_kind_is_covered() {
    for name in ["foreign", "own", "refused"] {
        let there: Vec<_> = files(name).into_iter().map(|(file, ..)| file).collect();
        for kind in kinds().keys() {
            let start = format!("{kind}.");
            assert!(there.iter().any(|file| file.starts_with(&start)), "{name} has no {kind}");
        }
    }
}
