//! The marketplace's counts.

use domain::{
    extension_image::MarketplaceFilter,
    portal::{ExtensionCalls, ImageCalls},
};
use serde_json::json;

use crate::fixture::{Fixture, name, owner, package};

#[tokio::test]
async fn a_card_counts_what_the_package_page_says_machine_by_machine() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    // another type whose usual name somebody gives to the first
    let other = package("1.0.0", |files| {
        for (file, text) in files.iter_mut().filter(|(file, _)| file == "ExtensionImage.json") {
            *text = text.replace("\"Script\"", "\"Other\"").replace("Test Script", "Other");
            assert_eq!(file, "ExtensionImage.json");
        }
    });
    f.control.image_publish(&owner(), other.into()).await.map_err(|e| e.into_fault()).unwrap();
    let machines = [f.machine("a").await, f.machine("b").await, f.machine("c").await];
    f.install(machines[0].id, "true").await;
    let mut taken = f.put(machines[1].id, json!({ "commandToExecute": "true" }));
    taken.name = "other".parse().unwrap();
    f.control.put_extension(&owner(), taken).await.map_err(|e| e.into_fault()).unwrap();

    let offered = f.control.image_list(&owner(), MarketplaceFilter::default()).await.unwrap();
    let mut seen = Vec::new();
    for card in &offered.cards {
        let detail =
            f.control.image_get(&owner(), card.publisher.clone(), card.extension_type.clone(), None).await.unwrap();
        let fitting = detail.machines.iter().filter(|fit| fit.reason.is_none()).count();
        assert_eq!(usize::try_from(card.fits).unwrap(), fitting, "{}", card.title);
        let installed = detail.machines.iter().filter(|fit| fit.installed.is_some()).count();
        assert_eq!(usize::try_from(card.installed).unwrap(), installed, "{}", card.title);
        seen.push((card.title.as_str(), card.fits, card.machines, card.installed));
    }
    assert_eq!(seen, [("Other", 2, 3, 0), ("Test Script", 3, 3, 2)]);

    // published behind the kept catalogue's back: seen at once
    f.again().await.publish("1.1.0").await;
    let newest = f.control.extension_get(&owner(), machines[0].id, name()).await.unwrap();
    assert_eq!(newest.versions.len(), 2);
    assert_eq!(newest.summary.update.map(|v| v.to_string()).as_deref(), Some("1.1.0"));
}
