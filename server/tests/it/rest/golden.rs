//! One answer of every reading route, as a file: what clients see changes only where somebody looks at the change.
//! `ANNEX_UPDATE_GOLDEN=1` writes the files anew.

use std::path::PathBuf;

use agent::sim::Script;
use serde_json::{Value, json};

use super::{Program, at, portal, probe};
use crate::harness::Package;

const GUID: &str = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/// Ids and times are others in every run.
fn settled(text: &str, program: &Program, authority: &str) -> String {
    let text = text.replace(&program.subscription, "SUBSCRIPTION").replace(authority, "localhost:8443");
    let text = regex(GUID, &text, "GUID");
    regex(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", &text, "TIME")
}

fn regex(pattern: &str, text: &str, with: &str) -> String {
    regex_lite::Regex::new(pattern).unwrap().replace_all(text, with).into_owned()
}

fn compare(name: &str, found: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/rest/golden").join(format!("{name}.json"));
    if std::env::var_os("ANNEX_UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == found, "{name} is another one:\n{found}\n(ANNEX_UPDATE_GOLDEN=1 keeps it)");
}

#[tokio::test]
async fn answers_are_as_they_were() {
    let portal = portal().await;
    portal.publish(&Package::probe()).await;
    let mut machine = portal.machine("alpha").await;
    machine.script("Test.Handlers.Probe", Script::succeed());
    let program = Program::owner(&portal).await;
    let mut body = probe("x");
    body["tags"] = json!({"env": "prod"});
    body["properties"]["forceUpdateTag"] = json!("1");
    body["properties"]["protectedSettings"] = json!({"password": "hunter2-canary"});
    let put = program.put(&format!("{}/extensions/Probe", at("alpha")), body).await;
    machine.settle().await.unwrap();
    program.follow(&put).await;
    let location = "{s}/providers/Microsoft.Compute/locations/annex";
    let types = format!("{location}/publishers/Test.Handlers/artifacttypes/vmextension/types");
    for (name, path) in [
        ("subscriptions", "/subscriptions".to_owned()),
        ("subscription", "{s}".into()),
        ("tenants", "/tenants".into()),
        ("locations", "{s}/locations".into()),
        ("provider", "{s}/providers/Microsoft.Compute".into()),
        ("groups", "{s}/resourceGroups".into()),
        ("group", "{s}/resourceGroups/default".into()),
        ("resources", "{s}/resources?$expand=createdTime,changedTime,provisioningState".into()),
        ("publishers", format!("{location}/publishers")),
        ("types", types.clone()),
        ("versions", format!("{types}/Probe/versions")),
        ("version", format!("{types}/Probe/versions/1.0.0")),
        ("machines", "{s}/providers/Microsoft.Compute/virtualMachines".into()),
        ("machine", format!("{}?$expand=instanceView", at("alpha"))),
        ("instance-view", format!("{}/instanceView", at("alpha"))),
        ("extensions", format!("{}/extensions", at("alpha"))),
        ("extension", format!("{}/extensions/Probe?$expand=instanceView", at("alpha"))),
        ("run-commands", format!("{}/runCommands", at("alpha"))),
        ("commands", format!("{location}/runCommands")),
        ("command", format!("{location}/runCommands/RunShellScript")),
        ("role-definitions", "{s}/providers/Microsoft.Authorization/roleDefinitions".into()),
        ("role-assignments", "{s}/providers/Microsoft.Authorization/roleAssignments".into()),
        ("network-interfaces", "{s}/providers/Microsoft.Network/networkInterfaces".into()),
        (
            "operation",
            put.header("azure-asyncoperation")
                .split_once("://")
                .unwrap()
                .1
                .split_once('/')
                .map(|(_, p)| format!("/{p}"))
                .unwrap(),
        ),
        ("not-found", "{s}/resourceGroups/none".into()),
    ] {
        let answer = program.get(&path).await;
        assert!(!answer.text().contains("hunter2"), "{name}");
        let mut value: Value = answer.json();
        value.sort_all_objects();
        let found = format!("{}\n{}\n", answer.status.as_u16(), serde_json::to_string_pretty(&value).unwrap());
        compare(name, &settled(&found, &program, &portal.http.authority));
    }
}

#[test]
fn the_description_is_as_it_was() {
    compare("openapi", &format!("{}\n", serde_json::to_string_pretty(server::rest::document()).unwrap()));
}
