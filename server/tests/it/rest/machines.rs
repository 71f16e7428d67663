//! Machines and groups: registered, listed, changed under conditions, removed.

use axum::http::Method;
use domain::{actor::Actor, portal::VmCalls};
use serde_json::json;

use super::{Program, at, code, portal, probe};
use crate::harness::Package;

#[tokio::test]
async fn a_machine_is_registered_changed_and_removed() {
    let portal = portal().await;
    portal.publish(&Package::probe()).await;
    let program = Program::owner(&portal).await;
    let group = "{s}/resourcegroups/Web";
    let path = "{s}/resourceGroups/web/providers/Microsoft.Compute/virtualMachines/one";
    let nowhere = program.put(path, json!({"location": "annex"})).await;
    assert_eq!((nowhere.status.as_u16(), code(&nowhere).as_str()), (404, "ResourceGroupNotFound"));
    assert_eq!(program.ask(Method::HEAD, group, None).await.status, 404);
    let made = program.put(group, json!({"location": "West US", "tags": {"a": "b"}})).await;
    assert_eq!((made.status.as_u16(), &made.json()["location"]), (201, &json!("westus")));
    assert_eq!(program.ask(Method::HEAD, group, None).await.status, 204);
    let moved = program.put(group, json!({"location": "annex"})).await;
    assert_eq!((moved.status.as_u16(), code(&moved).as_str()), (409, "InvalidResourceGroupLocation"));

    let body = json!({"location": "annex", "tags": {"env": "prod"}, "properties": {"hardwareProfile": {"vmSize": "any"},
        "osProfile": {"linuxConfiguration": {"provisionVMAgent": false}}}});
    let made = program.put(path, body.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(program.follow(&made).await["status"], "Succeeded");
    assert_eq!(made.json()["properties"]["osProfile"]["allowExtensionOperations"], false);
    let refused = program.put(&format!("{path}/extensions/Probe"), probe("x")).await;
    assert_eq!((refused.status.as_u16(), code(&refused).as_str()), (409, "OperationNotAllowed"));

    // conditions
    let etag = made.json()["etag"].as_str().unwrap().to_owned();
    let asked = |headers: &'static [(&'static str, &'static str)]| {
        program.send(Method::PUT, path, headers, body.to_string().into_bytes())
    };
    assert_eq!(asked(&[("if-none-match", "*")]).await.status, 412);
    assert_eq!(asked(&[("if-match", "\"999\"")]).await.status, 412);
    assert_eq!(asked(&[("if-match", "*")]).await.status, 200);
    let patch = json!({"tags": {"env": "test"}}).to_string().into_bytes();
    let patched = program.send(Method::PATCH, path, &[("if-match", &etag)], patch.clone()).await;
    assert_eq!((patched.status.as_u16(), &patched.json()["tags"]), (200, &json!({"env": "test"})));
    assert_eq!(program.send(Method::PATCH, path, &[("if-match", &etag)], patch).await.status, 412);
    let flag = json!({"properties": {"osProfile": {"linuxConfiguration": {"provisionVMAgent": true}}}});
    let flagged = program.ask(Method::PATCH, path, Some(flag)).await;
    assert_eq!((flagged.status.as_u16(), code(&flagged).as_str()), (409, "PropertyChangeNotAllowed"));

    // power is somebody else's
    let start = program.ask(Method::POST, &format!("{path}/start"), None).await;
    assert_eq!((start.status.as_u16(), code(&start).as_str()), (409, "OperationNotAllowed"));

    assert_eq!(program.ask(Method::DELETE, path, None).await.status, 202);
    assert_eq!(program.ask(Method::DELETE, path, None).await.status, 204);
    let gone = program.ask(Method::DELETE, group, None).await;
    assert_eq!((gone.status.as_u16(), &program.follow(&gone).await["status"]), (202, &json!("Succeeded")));
    assert_eq!(code(&program.get(group).await), "ResourceGroupNotFound");
    // unlike other resources: az takes no 204 here
    let again = program.ask(Method::DELETE, group, None).await;
    assert_eq!((again.status.as_u16(), code(&again).as_str()), (404, "ResourceGroupNotFound"));
}

#[tokio::test]
async fn lists_come_in_pages_that_miss_nobody() {
    let portal = portal().await;
    let program = Program::owner(&portal).await;
    for number in 0..205 {
        portal.control.vm_register(&Actor::system(), format!("m-{number:03}")).await.unwrap();
    }
    let mut names = Vec::new();
    let mut next = "{s}/providers/Microsoft.Compute/virtualMachines?$expand=instanceView".to_owned();
    loop {
        let page = program.get(&next).await.json();
        names.extend(page["value"].as_array().unwrap().iter().map(|vm| vm["name"].as_str().unwrap().to_owned()));
        assert!(
            page["value"][0]["properties"]["instanceView"]["statuses"][1]["code"] == "PowerState/unknown",
            "{page}"
        );
        let Some(link) = page["nextLink"].as_str() else { break };
        let link = link.split_once("://").unwrap().1;
        next = link[link.find('/').unwrap()..].to_owned();
    }
    let expected: Vec<String> = (0..205).map(|number| format!("m-{number:03}")).collect();
    assert_eq!(names, expected);
    let bad = program.get("{s}/providers/Microsoft.Compute/virtualMachines?$skiptoken=nonsense").await;
    assert_eq!((bad.status.as_u16(), code(&bad).as_str()), (400, "InvalidParameter"));
    let resources =
        program.get("{s}/resources?$filter=resourceGroup%20eq%20'default'%20and%20name%20eq%20'M-007'").await;
    assert_eq!(resources.json()["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_catalogue_is_bare_arrays() {
    let portal = portal().await;
    portal.publish(&Package::probe()).await;
    let program = Program::owner(&portal).await;
    let publishers = "{s}/providers/microsoft.compute/LOCATIONS/annex/publishers";
    let types = format!("{publishers}/test.handlers/artifactTypes/VMExtension/types");
    assert_eq!(program.get(publishers).await.json()[0]["name"], "Test.Handlers");
    assert_eq!(program.get(&types).await.json()[0]["name"], "Probe");
    let versions = program.get(&format!("{types}/Probe/versions?$top=1&$orderby=name%20desc")).await.json();
    assert_eq!(versions[0]["name"], "1.0.0");
    let image = program.get(&format!("{types}/Probe/versions/1.0.0")).await.json();
    assert_eq!(image["properties"]["operatingSystem"], "Linux");
    for (path, expected) in [
        (format!("{publishers}/nobody/artifacttypes/vmextension/types"), "PublisherNotFound"),
        (format!("{types}/Nothing/versions"), "ArtifactNotFound"),
        (format!("{types}/Probe/versions/7.0.0"), "ArtifactVersionNotFound"),
    ] {
        let answer = program.get(&path).await;
        assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (404, expected));
    }
    let _ = at("x");
}
