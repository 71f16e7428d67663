//! Published packages.

use domain::extension_image::ExtensionImage;
use store::Error;

use crate::{
    fixture::{Fixture, NOW},
    story,
};

fn image(version: &str, sha256: &str) -> ExtensionImage {
    ExtensionImage {
        publisher: "Annex.Extensions".parse().unwrap(),
        extension_type: "CustomScript".parse().unwrap(),
        version: version.parse().unwrap(),
        title: "Custom Script".into(),
        summary: String::new(),
        description: String::new(),
        category: "Automation".into(),
        os: vec!["linux".into()],
        architectures: vec![],
        impact: Default::default(),
        changes: String::new(),
        licence: String::new(),
        homepage: None,
        public_schema: serde_json::json!({"properties": {"b": {}, "a": {}}}),
        protected_schema: None,
        supports_multiple: false,
        supports_automatic_upgrade: false,
        stands_in_for: vec![],
        sha256: sha256.into(),
        size: 3,
        signature: String::new(),
        published_at: NOW,
        published_by: "ana".into(),
    }
}

story!(versions_sort_by_number_and_bytes_come_back, images);
async fn images(f: &Fixture) {
    let bytes: Vec<u8> = (0..2_500_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let mut tx = f.store.begin().await.unwrap();
    for version in ["1.2.0", "1.10.0", "1.9.0"] {
        tx.image_insert(&image(version, version), &bytes).await.unwrap();
    }
    let versions: Vec<String> = tx
        .image_versions("annex.EXTENSIONS.customscript")
        .await
        .unwrap()
        .iter()
        .map(|i| i.version.to_string())
        .collect();
    assert_eq!(versions, ["1.10.0", "1.9.0", "1.2.0"]);
    assert_eq!(
        tx.image_all().await.unwrap()[0].public_schema.to_string(),
        r#"{"properties":{"b":{},"a":{}}}"#,
        "the order of settings is kept"
    );
    assert_eq!(tx.package_bytes("1.9.0").await.unwrap().unwrap(), bytes);
    assert_eq!(tx.package_bytes("none").await.unwrap(), None);
    assert!(matches!(tx.image_insert(&image("1.9.0.0", "x"), b"x").await, Err(Error::Duplicate { .. })));
}
