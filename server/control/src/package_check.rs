//! Is a zip a package that machines can be given? Everything in it is foreign: sizes are bounded before anything is read.
//!
//! Contract: extension model, sections 2.1 and 2.2; the catalogue entry `ExtensionImage.json` is our own.

use std::io::{Cursor, Read};

use domain::{
    extension_image::{ExtensionImage, Impact},
    fault::{Fault, FaultKind},
    name::{ExtensionType, Publisher},
    timestamp::Timestamp,
    well_known_name::WellKnownName,
};
use serde::Deserialize;
use serde_json::Value;
use zip::ZipArchive;

use crate::settings::check_schema;

/// Largest package, in bytes.
pub const PACKAGE_LARGEST: usize = 256 << 20;
/// Largest contents of a package, unpacked.
const UNPACKED_LARGEST: u64 = 1 << 30;
/// Most entries.
const ENTRIES_MOST: usize = 20_000;
/// Largest of the two JSON files.
const JSON_LARGEST: u64 = 1 << 20;
/// Larger contents than this many times their packed size are a bomb (deflate's own limit is about 1032).
const RATIO_MOST: u64 = 200;

/// The catalogue entry as it stands in the package.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    publisher: String,
    #[serde(rename = "type")]
    extension_type: String,
    version: String,
    #[serde(default)]
    stands_in_for: Vec<StandIn>,
    #[serde(default)]
    supports_automatic_upgrade: bool,
    title: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    description: String,
    #[serde(default = "other")]
    category: String,
    #[serde(default)]
    os: Vec<String>,
    #[serde(default)]
    architectures: Vec<String>,
    #[serde(default)]
    #[serde(rename = "minimumOs")]
    _minimum_os: Value,
    #[serde(default)]
    impact: Impact,
    #[serde(default)]
    changes: String,
    #[serde(default)]
    homepage: Option<String>,
    #[serde(default)]
    licence: String,
    #[serde(default = "any_object")]
    public_settings_schema: Value,
    #[serde(default)]
    protected_settings_schema: Option<Value>,
}

/// A well-known name as it stands in the package.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StandIn {
    publisher: String,
    #[serde(rename = "type")]
    extension_type: String,
    version: String,
}

fn other() -> String {
    "Other".into()
}

fn any_object() -> Value {
    serde_json::json!({"type": "object"})
}

/// Reads and checks a package. Hash, size, signature and publisher's name are for the caller to fill.
///
/// Errors: `InvalidPackage`, with one detail for each finding.
pub fn check(bytes: &[u8]) -> Result<ExtensionImage, Fault> {
    let mut findings = Vec::new();
    let image = read(bytes, &mut findings);
    match (image, findings.is_empty()) {
        (Some(image), true) => Ok(image),
        _ => {
            let list: Vec<&str> = findings.iter().map(|f: &Fault| f.message.as_str()).collect();
            let message = format!("This package cannot be published. {}", list.join(" "));
            Err(Fault { details: findings, ..Fault::new(FaultKind::Invalid, "InvalidPackage", message) })
        }
    }
}

fn find(findings: &mut Vec<Fault>, target: &str, message: impl Into<String>) {
    findings.push(Fault::new(FaultKind::Invalid, "InvalidPackage", message).at(target));
}

fn read(bytes: &[u8], findings: &mut Vec<Fault>) -> Option<ExtensionImage> {
    if bytes.len() > PACKAGE_LARGEST {
        find(findings, "package", "It is larger than 256 MiB.");
        return None;
    }
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        find(findings, "package", "It is not a zip file.");
        return None;
    };
    entries(&mut archive, findings);
    if !findings.is_empty() {
        return None;
    }
    let supports_multiple = manifest(&mut archive, findings);
    let entry: Entry = json(&mut archive, "ExtensionImage.json", findings)?;
    let parsed =
        (entry.publisher.parse::<Publisher>(), entry.extension_type.parse::<ExtensionType>(), entry.version.parse());
    let (Ok(publisher), Ok(extension_type), Ok(version)) = parsed else {
        find(
            findings,
            "ExtensionImage.json",
            "ExtensionImage.json needs a publisher and a type of letters, digits and dots, and a version like 1.4.0.",
        );
        return None;
    };
    if entry.title.trim().is_empty() || entry.title.chars().count() > 80 {
        find(findings, "ExtensionImage.json", "ExtensionImage.json needs a title of 1 to 80 characters.");
    }
    for (name, schema) in [
        ("publicSettingsSchema", Some(&entry.public_settings_schema)),
        ("protectedSettingsSchema", entry.protected_settings_schema.as_ref()),
    ] {
        if let Some(Err(why)) = schema.map(check_schema) {
            find(findings, "ExtensionImage.json", format!("{name} is not a JSON Schema: {why}."));
        }
    }
    let stands_in_for = well_known_names(&entry.stands_in_for, findings);
    if stands_in_for.iter().any(|name| name.is_named(publisher.as_str(), extension_type.as_str())) {
        find(findings, "ExtensionImage.json", "standsInFor names the package itself.");
    }
    Some(ExtensionImage {
        publisher,
        extension_type,
        version,
        title: entry.title.trim().to_owned(),
        summary: entry.summary,
        description: entry.description,
        category: entry.category,
        os: entry.os.iter().map(|os| os.to_lowercase()).collect(),
        architectures: entry.architectures,
        impact: entry.impact,
        changes: entry.changes,
        licence: entry.licence,
        homepage: entry.homepage.filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        public_schema: entry.public_settings_schema,
        protected_schema: entry.protected_settings_schema.filter(|s| !s.is_null()),
        supports_multiple,
        supports_automatic_upgrade: entry.supports_automatic_upgrade,
        stands_in_for,
        sha256: String::new(),
        size: 0,
        signature: String::new(),
        published_at: Timestamp::default(),
        published_by: String::new(),
    })
}

/// The names that the package stands in for: good names, good versions, none twice.
fn well_known_names(given: &[StandIn], findings: &mut Vec<Fault>) -> Vec<WellKnownName> {
    let mut names: Vec<WellKnownName> = Vec::new();
    for StandIn { publisher, extension_type, version } in given {
        let shown: String = format!("{publisher}.{extension_type} {version}").chars().take(300).collect();
        let (Ok(publisher), Ok(extension_type), Ok(version)) =
            (publisher.parse::<Publisher>(), extension_type.parse::<ExtensionType>(), version.parse())
        else {
            let needs = "needs a publisher and a type of letters, digits and dots, and a version like 1.4.0";
            find(findings, "ExtensionImage.json", format!("standsInFor {needs}; {shown:?} is not that."));
            continue;
        };
        if names.iter().any(|name| name.is_named(publisher.as_str(), extension_type.as_str())) {
            find(findings, "ExtensionImage.json", format!("standsInFor names {publisher}.{extension_type} twice."));
            continue;
        }
        names.push(WellKnownName { publisher, extension_type, version });
    }
    names
}

/// Names, links and sizes, from the directory of the zip alone.
fn entries(archive: &mut ZipArchive<Cursor<&[u8]>>, findings: &mut Vec<Fault>) {
    if archive.len() > ENTRIES_MOST {
        find(findings, "package", format!("It holds more than {ENTRIES_MOST} files."));
        return;
    }
    let mut unpacked: u64 = 0;
    for at in 0..archive.len() {
        let Ok(file) = archive.by_index_raw(at) else {
            find(findings, "package", "Its directory of files is damaged.");
            return;
        };
        let name = file.name().to_owned();
        let shown: String = name.chars().take(120).collect();
        if file.enclosed_name().is_none()
            || name.starts_with('/')
            || name.contains('\\')
            || name.split('/').any(|p| p == "..")
        {
            find(findings, "package", format!("The path {shown:?} leads out of the package."));
        }
        if file.unix_mode().is_some_and(|mode| mode & 0o170_000 == 0o120_000) {
            find(findings, "package", format!("{shown:?} is a link; a package holds files only."));
        }
        if file.encrypted() {
            find(findings, "package", format!("{shown:?} is encrypted."));
        }
        if file.size() > file.compressed_size().max(1024).saturating_mul(RATIO_MOST) {
            find(findings, "package", format!("{shown:?} unpacks to more than {RATIO_MOST} times its size."));
        }
        unpacked = unpacked.saturating_add(file.size());
        if findings.len() > 10 {
            return;
        }
    }
    if unpacked > UNPACKED_LARGEST {
        find(findings, "package", "It unpacks to more than 1 GiB.");
    }
}

/// HandlerManifest.json: one object, five commands whose files are there, real booleans. Tells whether it takes several configurations.
fn manifest(archive: &mut ZipArchive<Cursor<&[u8]>>, findings: &mut Vec<Fault>) -> bool {
    let file = "HandlerManifest.json";
    let Some(document) = json::<Value>(archive, file, findings) else { return false };
    let Some([one]) = document.as_array().map(Vec::as_slice) else {
        find(findings, file, "HandlerManifest.json must be a list with exactly one object.");
        return false;
    };
    let handler = &one["handlerManifest"];
    for key in ["installCommand", "enableCommand", "updateCommand", "disableCommand", "uninstallCommand"] {
        let Some(command) = handler[key].as_str().filter(|c| !c.trim().is_empty()) else {
            find(findings, file, format!("HandlerManifest.json has no {key}."));
            continue;
        };
        let program =
            command.trim_start_matches(['/', '.']).split_whitespace().next().unwrap_or_default().trim_matches('"');
        let program = program.trim_start_matches('/').to_owned();
        if archive.by_name(&program).is_err() {
            find(findings, file, format!("{key} runs {program:?}, and there is no such file in the package."));
        }
    }
    for key in ["rebootAfterInstall", "reportHeartbeat", "continueOnUpdateFailure", "supportsMultipleExtensions"] {
        if handler.get(key).is_some_and(|v| !v.is_boolean()) {
            find(
                findings,
                file,
                format!("{key} in HandlerManifest.json must be true or false, without quotation marks."),
            );
        }
    }
    handler["supportsMultipleExtensions"].as_bool().unwrap_or(false)
}

/// One JSON file from the root of the zip.
fn json<T: serde::de::DeserializeOwned>(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
    findings: &mut Vec<Fault>,
) -> Option<T> {
    let Ok(file) = archive.by_name(name) else {
        find(findings, name, format!("It has no {name} at its root."));
        return None;
    };
    let mut text = String::new();
    if file.take(JSON_LARGEST + 1).read_to_string(&mut text).is_err() || text.len() as u64 > JSON_LARGEST {
        find(findings, name, format!("{name} cannot be read, or is larger than 1 MiB."));
        return None;
    }
    match serde_json::from_str(&text) {
        Ok(value) => Some(value),
        Err(why) => {
            find(findings, name, format!("{name} is not right: {why}."));
            None
        }
    }
}
