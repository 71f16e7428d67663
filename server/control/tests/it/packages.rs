//! Packages that are refused, and ones that are not.

use bytes::Bytes;
use domain::{extension_image::MarketplaceFilter, fault::Fault, portal::ImageCalls};

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
