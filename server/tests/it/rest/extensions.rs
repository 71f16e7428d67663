//! Extensions: put, patched, followed, looked at, removed.

use agent::sim::{Script, SimAgent};
use axum::http::Method;
use serde_json::json;

use super::{Program, at, code, portal, probe};
use crate::harness::{Package, Portal};

async fn ready() -> (Portal, Program, SimAgent) {
    let portal = portal().await;
    portal.publish(&Package::probe()).await;
    let mut machine = portal.machine("alpha").await;
    machine.script("Test.Handlers.Probe", Script::succeed().line("one"));
    machine.settle().await.unwrap();
    let program = Program::owner(&portal).await;
    (portal, program, machine)
}

#[tokio::test]
async fn a_put_is_followed_to_its_end_and_the_same_again_does_nothing() {
    let (_portal, program, mut machine) = ready().await;
    let path = format!("{}/extensions/Hello", at("ALPHA").replace("resourceGroups", "RESOURCEGROUPS"));
    let put = program.put(&path, probe("x")).await;
    assert_eq!(put.status, 201, "{}", put.text());
    assert_eq!(put.json()["properties"]["provisioningState"], "Creating");
    assert!(
        put.json()["id"]
            .as_str()
            .unwrap()
            .ends_with("/resourceGroups/default/providers/Microsoft.Compute/virtualMachines/alpha/extensions/Hello")
    );
    // the same while it waits: the same operation
    let twin = program.put(&path, probe("x")).await;
    assert_eq!((twin.status.as_u16(), twin.header("azure-asyncoperation")), (200, put.header("azure-asyncoperation")));
    machine.settle().await.unwrap();
    assert_eq!(program.follow(&put).await["status"], "Succeeded");
    let seen = program.get(&path).await.json();
    assert_eq!(
        (&seen["properties"]["provisioningState"], &seen["properties"]["settings"]["say"]),
        (&json!("Succeeded"), &json!("x"))
    );
    assert!(seen["properties"].get("instanceView").is_none());
    let view = program.get(&format!("{path}?$expand=instanceView")).await.json();
    assert_eq!(view["properties"]["instanceView"]["statuses"][0]["code"], "ProvisioningState/succeeded");
    assert_eq!(view["properties"]["instanceView"]["typeHandlerVersion"], "1.0.0");
    // once more when it is done: nothing to do, and that is success
    let again = program.put(&path, probe("x")).await;
    assert_eq!(program.follow(&again).await["status"], "Succeeded");
    assert_ne!(again.header("azure-asyncoperation"), put.header("azure-asyncoperation"));
    assert_eq!(
        machine.settle().await.unwrap(),
        machine.settle().await.unwrap(),
        "the machine was not asked for anything"
    );
}

#[tokio::test]
async fn a_failure_is_in_the_operation_and_stays_until_the_next_put() {
    let (_portal, program, mut machine) = ready().await;
    machine.script("Test.Handlers.Probe", Script::fail(7, "no such thing"));
    let path = format!("{}/extensions/Probe", at("alpha"));
    let put = program.put(&path, probe("x")).await;
    machine.settle().await.unwrap();
    let status = program.follow(&put).await;
    assert_eq!(status["status"], "Failed", "{status}");
    assert_eq!(status["error"]["code"], "VMExtensionProvisioningError");
    assert!(status["error"]["message"].as_str().unwrap().contains("no such thing"), "{status}");
    assert_eq!(program.get(&path).await.json()["properties"]["provisioningState"], "Failed");
    // put as it is once more: tried once more
    machine.script("Test.Handlers.Probe", Script::succeed());
    let again = program.put(&path, probe("x")).await;
    machine.settle().await.unwrap();
    assert_eq!(program.follow(&again).await["status"], "Succeeded");

    machine.script("Test.Handlers.Probe", Script::fail(7, "no such thing"));
    let mut quiet = probe("y");
    quiet["properties"]["suppressFailures"] = json!(true);
    let put = program.put(&path, quiet).await;
    machine.settle().await.unwrap();
    assert_eq!(program.follow(&put).await["status"], "Succeeded");
    let view = program.get(&format!("{path}?$expand=instanceView")).await.json();
    assert_eq!(view["properties"]["provisioningState"], "Succeeded");
    assert_eq!(view["properties"]["instanceView"]["statuses"][0]["level"], "Error", "{view}");
}

#[tokio::test]
async fn a_patch_changes_what_is_given_and_a_tag_is_a_run() {
    let (_portal, program, mut machine) = ready().await;
    let path = format!("{}/extensions/Probe", at("alpha"));
    let mut whole = probe("x");
    whole["properties"]["protectedSettings"] = json!({"password": "hunter2-canary"});
    whole["tags"] = json!({"env": "prod"});
    let put = program.put(&path, whole.clone()).await;
    assert!(!put.text().contains("hunter2"), "{}", put.text());
    machine.settle().await.unwrap();
    program.follow(&put).await;
    let runs = |machine: &mut SimAgent| machine.credential().vm_id.clone();
    let _ = runs(&mut machine);

    // tags alone: no run
    let patched = program.ask(Method::PATCH, &path, Some(json!({"tags": {"env": "test"}}))).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    let incarnation = machine.settle().await.unwrap();
    assert_eq!(patched.json()["tags"], json!({"env": "test"}));
    assert_eq!(patched.json()["properties"]["settings"]["say"], "x");
    // the same secret again: no run; another tag: a run
    let same = program.put(&path, {
        let mut same = whole.clone();
        same["tags"] = json!({"env": "test"});
        same
    });
    program.follow(&same.await).await;
    assert_eq!(machine.settle().await.unwrap(), incarnation, "nothing was asked of the machine");
    let forced = program.ask(Method::PATCH, &path, Some(json!({"properties": {"forceUpdateTag": "2"}}))).await;
    machine.settle().await.unwrap();
    assert_eq!(program.follow(&forced).await["status"], "Succeeded");
    assert_ne!(machine.settle().await.unwrap(), incarnation);
    assert_eq!(program.get(&path).await.json()["properties"]["forceUpdateTag"], "2");
    // publisher and type are what they are
    let other = program.ask(Method::PATCH, &path, Some(json!({"properties": {"type": "Other"}}))).await;
    assert_eq!((other.status.as_u16(), code(&other).as_str()), (409, "PropertyChangeNotAllowed"));
    assert_eq!(other.json()["error"]["target"], "properties.type");
}

#[tokio::test]
async fn what_is_removed_is_gone_and_removing_nothing_is_no_error() {
    let (_portal, program, mut machine) = ready().await;
    let path = format!("{}/extensions/Probe", at("alpha"));
    let put = program.put(&path, probe("x")).await;
    machine.settle().await.unwrap();
    program.follow(&put).await;
    let list = program.get(&format!("{}/extensions", at("alpha"))).await.json();
    assert_eq!(list["value"].as_array().unwrap().len(), 1);
    let gone = program.ask(Method::DELETE, &path, None).await;
    assert_eq!(gone.status, 202, "{}", gone.text());
    assert!(gone.header("location").contains("monitor=true"));
    machine.settle().await.unwrap();
    assert_eq!(program.follow(&gone).await["status"], "Succeeded");
    let location = gone.header("location").split_once("://").unwrap().1.to_owned();
    assert_eq!(program.get(&location[location.find('/').unwrap()..]).await.status, 204);
    assert_eq!(program.ask(Method::DELETE, &path, None).await.status, 204);
    let missing = program.get(&path).await;
    assert_eq!((missing.status.as_u16(), code(&missing).as_str()), (404, "ResourceNotFound"));
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_anything_is_accepted() {
    let (_portal, program, mut machine) = ready().await;
    let path = |name: &str| format!("{}/extensions/{name}", at("alpha"));
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut body = probe("x");
        change(&mut body["properties"]);
        body
    };
    let put = program.put(&path("Probe"), probe("x")).await;
    machine.settle().await.unwrap();
    program.follow(&put).await;
    for (name, body, status, expected) in [
        ("Second", probe("x"), 400, "BadRequest"),
        ("Probe", with(&|p| p["type"] = json!("Nothing")), 404, "ArtifactNotFound"),
        ("Probe", with(&|p| p["typeHandlerVersion"] = json!("9.9")), 404, "ArtifactVersionNotFound"),
        ("Probe", with(&|p| p["typeHandlerVersion"] = json!("one")), 400, "InvalidParameter"),
        ("Probe", with(&|p| p["publisher"] = json!(null)), 400, "InvalidParameter"),
        ("Probe", with(&|p| p["settings"] = json!("{\"say\":\"x\"}")), 400, "InvalidParameter"),
        (
            "Probe",
            with(&|p| p["settings"] = json!({"protectedSettings": {"password": "hunter2"}})),
            400,
            "InvalidParameter",
        ),
        ("Probe", with(&|p| p["settings"] = json!({"shout": "x"})), 400, "InvalidParameter"),
        ("Probe", with(&|p| p["provisionAfterExtensions"] = json!(["Nobody"])), 400, "InvalidParameter"),
        ("Probe", with(&|p| p["provisionAfterExtensions"] = json!(["Probe"])), 400, "InvalidParameter"),
        ("Probe", with(&|p| p["enableAutomaticUpgrade"] = json!(true)), 400, "InvalidParameter"),
        ("Probe", with(&|p| p["protectedSettingsFromKeyVault"] = json!({})), 400, "InvalidParameter"),
        ("Probe", with(&|p| p["autoUpgradeMinorVersion"] = json!("yes")), 400, "InvalidRequestContent"),
        ("bad%20name", probe("x"), 400, "InvalidParameter"),
    ] {
        let answer = program.put(&path(name), body.clone()).await;
        assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (status, expected), "{body}: {}", answer.text());
        assert!(!answer.text().contains("hunter2") && answer.header("azure-asyncoperation").is_empty());
    }
    let nowhere = program.put(&format!("{}/extensions/Probe", at("nobody")), probe("x")).await;
    assert_eq!((nowhere.status.as_u16(), code(&nowhere).as_str()), (404, "ParentResourceNotFound"));
}

#[tokio::test]
async fn the_same_put_twice_at_once_is_one_operation() {
    let (_portal, program, _machine) = ready().await;
    let path = format!("{}/extensions/Probe", at("alpha"));
    let all = futures::future::join_all((0..8).map(|_| program.put(&path, probe("x")))).await;
    let mut operations: Vec<&str> = all
        .iter()
        .map(|answer| {
            assert!(answer.status.is_success(), "{}", answer.text());
            answer.header("azure-asyncoperation")
        })
        .collect();
    operations.sort_unstable();
    operations.dedup();
    assert_eq!(operations.len(), 1, "{all:#?}");
    assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 1);
}
