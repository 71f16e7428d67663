//! Packages that are refused, and ones that are not.

use std::{io::Write, path::Path};

use bytes::Bytes;
use domain::{extension_image::MarketplaceFilter, fault::Fault, portal::ImageCalls};
use serde_json::{Value, json};

use crate::fixture::{Fixture, owner, package};

async fn publish(f: &Fixture, zip: Vec<u8>) -> Result<(), Fault> {
    f.control.image_publish(&owner(), Bytes::from(zip)).await.map(|_| ()).map_err(|e| e.into_fault())
}

#[tokio::test]
async fn broken_packages_are_refused_with_the_reason() {
    let f = Fixture::new().await;
    let with = |name: &str, text: &str| {
        let (name, text) = (name.to_owned(), text.to_owned());
        package("1.0.0", move |files| {
            files.retain(|(n, _)| *n != name);
            files.push((name, text));
        })
    };
    let without = |name: &str| {
        let name = name.to_owned();
        package("1.0.0", move |files| files.retain(|(n, _)| *n != name))
    };
    let bomb = "0".repeat(40 << 20);
    for (zip, word) in [
        (b"not a zip".to_vec(), "not a zip"),
        (without("HandlerManifest.json"), "no HandlerManifest.json"),
        (without("ExtensionImage.json"), "no ExtensionImage.json"),
        (without("run.sh"), "no such file"),
        (with("HandlerManifest.json", "{}"), "exactly one object"),
        (with("HandlerManifest.json", "[{"), "not right"),
        (
            with("HandlerManifest.json", r#"[{"handlerManifest":{"reportHeartbeat":"true"}}]"#),
            "without quotation marks",
        ),
        (with("../evil", "x"), "leads out"),
        (with("/etc/passwd", "x"), "leads out"),
        (with("a\\..\\b", "x"), "leads out"),
        (with("bomb", &bomb), "times its size"),
        (with("ExtensionImage.json", r#"{"publisher":"A_B","type":"C","version":"1","title":"t"}"#), "publisher"),
    ] {
        let fault = publish(&f, zip).await.expect_err(word);
        assert_eq!(fault.code, "InvalidPackage");
        assert!(fault.message.contains(word), "{word}: {}", fault.message);
    }
    assert_eq!(f.control.image_list(&owner(), MarketplaceFilter::default()).await.unwrap().total, 0);
}

#[tokio::test]
async fn a_version_never_changes() {
    let f = Fixture::new().await;
    let zip = package("1.0.0", |_| {});
    publish(&f, zip.clone()).await.unwrap();
    publish(&f, zip.clone()).await.unwrap();
    let other = package("1.0.0", |files| files.push(("more".into(), "x".into())));
    assert_eq!(publish(&f, other).await.unwrap_err().code, "PackageVersionExists");
    let offered = f
        .control
        .image_list(&owner(), MarketplaceFilter { text: "test SCRIPT".into(), ..Default::default() })
        .await
        .unwrap();
    assert_eq!(offered.cards.len(), 1);
    let card = &offered.cards[0];
    let offer = f.control.image_get(&owner(), card.publisher.clone(), card.extension_type.clone(), None).await.unwrap();
    let bytes = f.control.image_bytes(&offer.image.sha256).await.map_err(|e| e.into_fault()).unwrap().unwrap();
    assert_eq!(bytes, zip);
    let none =
        f.control.image_get(&owner(), "No.Such".parse().unwrap(), "Thing".parse().unwrap(), None).await.unwrap_err();
    assert!(none.message.contains("Test.Extensions.Script"), "{}", none.message);
}

/// A package whose catalogue entry was changed.
fn with_entry(version: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    package(version, |files| {
        let (_, text) = files.iter_mut().find(|(file, _)| file == "ExtensionImage.json").unwrap();
        let mut entry: Value = serde_json::from_str(text).unwrap();
        change(&mut entry);
        *text = entry.to_string();
    })
}

#[tokio::test]
async fn a_package_is_found_by_the_name_it_stands_in_for() {
    let f = Fixture::new().await;
    let name = json!({"publisher": "Contoso.Tools", "type": "Runner", "version": "2.1.13"});
    publish(&f, with_entry("1.0.0", |_| {})).await.unwrap();
    let zip = with_entry("1.1.0", |entry| {
        entry["standsInFor"] = json!([name]);
        entry["supportsAutomaticUpgrade"] = json!(true);
    });
    publish(&f, zip).await.unwrap();
    let search = |text: &str| MarketplaceFilter { text: text.into(), ..Default::default() };
    assert_eq!(f.control.image_list(&owner(), search("contoso runner")).await.unwrap().cards.len(), 1);
    assert_eq!(f.control.image_list(&owner(), search("contoso walker")).await.unwrap().cards.len(), 0);
    let get = async |version: Option<&str>| {
        let version = version.map(|v| v.parse().unwrap());
        f.control.image_get(&owner(), "contoso.tools".parse().unwrap(), "runner".parse().unwrap(), version).await
    };
    let offer = get(None).await.unwrap();
    assert_eq!(offer.image.handler_name(), "Test.Extensions.Script");
    assert!(offer.image.supports_automatic_upgrade);
    assert_eq!(offer.image.stands_in_for[0].to_string(), "Contoso.Tools.Runner 2.1.13");
    assert_eq!(offer.versions.len(), 2, "the page shows all versions of the package");
    assert_eq!(get(Some("2.1.13")).await.unwrap().image.version.as_str(), "1.1.0");
    let fault = get(Some("1.1.0")).await.unwrap_err();
    assert_eq!(fault.code, "ArtifactVersionNotFound");
    assert!(fault.message.contains("2.1.13 (Test.Extensions.Script 1.1.0 stands in for it)"), "{}", fault.message);
}

#[tokio::test]
async fn bad_well_known_names_are_refused() {
    let f = Fixture::new().await;
    let name = |publisher: &str, version: &str| json!({"publisher": publisher, "type": "Runner", "version": version});
    for (names, word) in [
        (json!([name("Con_toso", "2.1")]), "\"Con_toso.Runner 2.1\" is not that"),
        (json!([name("Contoso", "2")]), "is not that"),
        (json!([name("Contoso", "2.1"), name("contoso", "2.0")]), "names contoso.Runner twice"),
        (json!([{"publisher": "test.extensions", "type": "script", "version": "1.0"}]), "names the package itself"),
        (json!([{"publisher": "Contoso"}]), "not right"),
    ] {
        let fault = publish(&f, with_entry("1.0.0", |entry| entry["standsInFor"] = names)).await.expect_err(word);
        assert_eq!(fault.code, "InvalidPackage");
        assert!(fault.message.contains(word), "{word}: {}", fault.message);
    }
}

/// What is packed from a folder under `extensions/`, with any program in the place of the handler's.
fn packed(folder: &Path, program: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for file in std::fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        zip.start_file(file.file_name().to_str().unwrap(), options).unwrap();
        zip.write_all(&std::fs::read(file.path()).unwrap()).unwrap();
    }
    zip.start_file(format!("bin/{program}"), options).unwrap();
    zip.write_all(b"program").unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn the_first_party_packages_would_be_published() {
    let extensions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../extensions");
    let mut stand_ins = Vec::new();
    for crate_folder in std::fs::read_dir(extensions).unwrap().flatten() {
        let name = crate_folder.file_name().into_string().unwrap();
        let Ok(versions) = std::fs::read_dir(crate_folder.path().join("package")) else { continue };
        for version in versions.flatten() {
            let image = control::check_package(&packed(&version.path(), &name))
                .unwrap_or_else(|fault| panic!("{name}: {}", fault.message));
            assert_eq!(image.version.as_str(), version.file_name().to_str().unwrap());
            let names: Vec<String> = image.stands_in_for.iter().map(ToString::to_string).collect();
            stand_ins.push(format!("{} {} = {}", image.extension_type, image.version, names.join(", ")));
        }
    }
    stand_ins.sort();
    assert_eq!(
        stand_ins,
        [
            "ApplicationHealth 1.0.0 = Microsoft.ManagedServices.ApplicationHealthLinux 2.0.16",
            "CustomScript 1.0.0 = Microsoft.Azure.Extensions.CustomScript 2.0.7",
            "CustomScript 1.1.0 = Microsoft.Azure.Extensions.CustomScript 2.1.13",
            "RunCommand 1.0.0 = Microsoft.CPlat.Core.RunCommandHandlerLinux 1.3.17",
            "VMAccess 1.0.0 = Microsoft.OSTCExtensions.VMAccessForLinux 1.5.19",
        ]
    );
}
