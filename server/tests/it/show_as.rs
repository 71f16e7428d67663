//! "Show as" and the page API without scripts: the server answers with the whole text.

use axum::http::Method;
use domain::actor::Role;

use crate::harness::{Package, Portal};

/// The text of the panel in a page, as a browser reads it.
fn shown(page: &str) -> String {
    let panel = page.split("role=\"tabpanel\"").nth(1).unwrap_or_else(|| panic!("no panel in {page}"));
    let text = panel.split_once('>').unwrap().1.split("</p").next().unwrap();
    let text = text.split("<").next().unwrap();
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&")
}

#[tokio::test]
async fn every_language_stands_in_the_page_that_its_address_asks_for() {
    let portal = Portal::start().await;
    portal.publish(&Package::probe()).await;
    let mut machine = portal.machine("alpha").await;
    machine.settle().await.unwrap();
    let vm = machine.credential().vm_id.clone();
    let reader = portal.person(Role::Reader).await;
    let page = format!("/install/Test.Handlers/Probe?targets={vm}");
    assert!(!reader.get(&page).await.text().contains("role=\"tabpanel\""), "closed, it weighs nothing");
    for (code, expected) in [
        ("az", "az vm extension set \\\n  --resource-group default --vm-name alpha"),
        ("rest", "-X PUT \\\n  \"https://localhost:"),
        ("arm", "\"name\": \"alpha/Probe\""),
        ("bicep", "resource extension 'Microsoft.Compute/virtualMachines/extensions@2024-11-01' = {"),
        ("terraform", "resource \"azapi_resource\" \"extension\" {"),
    ] {
        let text = shown(&reader.get(&format!("{page}&show-as=install&as={code}")).await.text());
        assert!(text.contains(expected), "{code}: {text}");
    }
}

#[tokio::test]
async fn saved_settings_are_shown_and_secrets_only_by_name() {
    let portal = Portal::start().await;
    portal.publish(&Package::probe()).await;
    let mut machine = portal.machine("alpha").await;
    machine.settle().await.unwrap();
    let vm = machine.credential().vm_id.clone();
    let owner = portal.owner().await;
    let fields = [
        ("form[targets][]", vm.as_str()),
        ("form[publisher]", "Test.Handlers"),
        ("form[extension_type]", "Probe"),
        ("form[version]", "1.0.0"),
        ("form[name]", "Probe"),
        ("form[settings][say]", "it's <b>"),
        ("form[protected][password]", "canary"),
    ];
    let answer = owner.call(Method::POST, "/api/extensions/put", &fields).await;
    assert!(answer.status.as_u16() < 400, "{}", answer.text());
    machine.settle().await.unwrap();
    let page = format!("/vms/{vm}/extensions/Probe");
    let arm = owner.get(&format!("{page}?show-as=run-again&as=arm")).await.text();
    let template: serde_json::Value = serde_json::from_str(&shown(&arm)).unwrap();
    assert_eq!(template["resources"][0]["properties"]["settings"]["say"], "it's <b>");
    assert_eq!(template["parameters"]["password"]["type"], "securestring");
    assert!(!arm.contains("canary"));
    let remove = owner.get(&format!("{page}?confirm=remove&show-as=remove&as=rest")).await.text();
    assert!(shown(&remove).contains("-X DELETE"), "{}", shown(&remove));
}

#[tokio::test]
async fn the_api_is_a_page() {
    let portal = Portal::start().await;
    let reader = portal.person(Role::Reader).await;
    let all = reader.get("/api").await.text();
    assert!(all.contains("/machines/{name}") && all.contains("az cloud register"), "{all}");
    let opened = reader.get("/api?q=machine&op=show").await.text();
    assert!(opened.contains("id=\"operation\"") && opened.contains("Of the machine."), "{opened}");
    assert!(reader.get("/api?q=nothing+like+it").await.text().contains("No operation matches"));
}
