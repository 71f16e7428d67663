//! Extensions as programs ask for them: names, version lines, order, automatic upgrades.

use control::VmPlace;
use domain::{
    asked_extension::{AskedExtension, Extent},
    fault::Fault,
    portal::ExtensionCalls,
    secret::Secret,
    status::StatusWord,
};
use serde_json::json;

use crate::fixture::{Fixture, Machine, name, owner, package};

/// The package in a version that stands in for a well-known name.
async fn publish(f: &Fixture, version: &str, known_as: &str) {
    let zip = package(version, |files| {
        for (_, text) in files.iter_mut().filter(|(path, _)| path == "ExtensionImage.json") {
            let mut image: serde_json::Value = serde_json::from_str(text).unwrap();
            image["standsInFor"] = json!([{"publisher": "Known.Name", "type": "Script", "version": known_as}]);
            image["supportsAutomaticUpgrade"] = json!(true);
            *text = image.to_string();
        }
    });
    f.control.image_publish(&owner(), zip.into()).await.map_err(|e| e.into_fault()).unwrap();
}

fn place(vm: &str) -> VmPlace {
    VmPlace { group: "DEFAULT".into(), vm: vm.into() }
}

fn asked(publisher: &str, line: &str, auto: bool) -> AskedExtension {
    AskedExtension {
        publisher: Some(publisher.into()),
        extension_type: Some("script".into()),
        type_handler_version: Some(line.into()),
        auto_upgrade_minor_version: Some(auto),
        settings: Some(json!({"commandToExecute": "true"})),
        ..AskedExtension::default()
    }
}

async fn ask(f: &Fixture, vm: &str, name: &str, asked: &AskedExtension) -> Result<domain::extension::Extension, Fault> {
    let accepted = f.control.extension_ask(&owner(), &place(vm), name, asked, Extent::Whole).await;
    accepted.map(|accepted| accepted.now.1).map_err(|e| e.into_fault())
}

async fn done(m: &Machine, sequence: i64, version: &str) {
    let at = m.fetch().await;
    m.report_version(at, sequence, StatusWord::Success, 0, version).await;
}

#[tokio::test]
async fn a_well_known_name_gets_what_stands_in_for_it_and_keeps_its_name() {
    let f = Fixture::new().await;
    publish(&f, "1.0.0", "2.0.7").await;
    publish(&f, "1.1.0", "2.1.13").await;
    f.machine("web-1").await;
    let there = ask(&f, "WEB-1", "Script", &asked("known.NAME", "2.0", false)).await.unwrap();
    assert_eq!((there.version.as_str(), there.handler_name().as_str()), ("1.0.0", "Test.Extensions.Script"));
    let known = there.options.asked_as.clone().unwrap();
    assert_eq!((known.publisher.as_str(), known.extension_type.as_str()), ("Known.Name", "Script"));
    assert_eq!(there.options.type_handler_version.as_deref(), Some("2.0"));
    assert_eq!(f.control.version_as_asked(&there).await.map_err(|e| e.into_fault()).unwrap().as_str(), "2.0.7");
    // its own name is the same handler: one configuration a machine
    let twin = ask(&f, "web-1", "Other", &asked("Test.Extensions", "1.0", false)).await.unwrap_err();
    assert_eq!(twin.code, "BadRequest");
    let newest = ask(&f, "web-1", "Script", &asked("Known.Name", "2.0", true)).await.unwrap();
    assert_eq!(newest.version.as_str(), "1.1.0");
    let none = ask(&f, "web-1", "Script", &asked("Known.Name", "1.0", false)).await.unwrap_err();
    assert_eq!((none.code.as_str(), none.message.contains("2.1, 2.0")), ("ArtifactVersionNotFound", true), "{none}");
    // an original of that name takes precedence from when it is there
    let original = package("2.5.0", |files| {
        files.iter_mut().for_each(|(_, text)| *text = text.replace("Test.Extensions", "Known.Name"));
    });
    f.control.image_publish(&owner(), original.into()).await.map_err(|e| e.into_fault()).unwrap();
    f.machine("web-2").await;
    let there = ask(&f, "web-2", "Script", &asked("Known.Name", "2.5", false)).await.unwrap();
    assert_eq!((there.handler_name().as_str(), there.options.asked_as), ("Known.Name.Script", None));
}

#[tokio::test]
async fn secrets_are_compared_and_never_told() {
    let f = Fixture::new().await;
    publish(&f, "1.0.0", "2.0.0").await;
    let m = f.machine("web-1").await;
    let with = |secret: &str| AskedExtension {
        settings: Some(json!({})),
        protected: Some(Secret::new(json!({"commandToExecute": secret}).to_string())),
        ..asked("Test.Extensions", "1.0", true)
    };
    let first = ask(&f, "web-1", "Script", &with("one")).await.unwrap();
    done(&m, 0, "1.0.0").await;
    let same = ask(&f, "web-1", "Script", &with("one")).await.unwrap();
    assert_eq!((same.sequence_number, same.generation > first.generation), (first.sequence_number, false));
    let other = ask(&f, "web-1", "Script", &with("two")).await.unwrap();
    assert!(other.sequence_number > first.sequence_number, "another secret is another run");
    assert!(!format!("{other:?}").contains("two"));
}

#[tokio::test]
async fn order_is_by_name_and_circles_are_refused() {
    let f = Fixture::new().await;
    publish(&f, "1.0.0", "2.0.0").await;
    let other = package("1.0.0", |files| {
        files.iter_mut().for_each(|(_, text)| *text = text.replace("\"type\":\"Script\"", "\"type\":\"Second\""));
    });
    f.control.image_publish(&owner(), other.into()).await.map_err(|e| e.into_fault()).unwrap();
    f.machine("web-1").await;
    ask(&f, "web-1", "A", &asked("Test.Extensions", "1.0", true)).await.unwrap();
    let second = AskedExtension {
        extension_type: Some("Second".into()),
        provision_after: Some(vec!["a".into()]),
        ..asked("Test.Extensions", "1.0", true)
    };
    let there = ask(&f, "web-1", "B", &second).await.unwrap();
    assert_eq!(there.provision_after.len(), 1);
    let circle = AskedExtension { provision_after: Some(vec!["B".into()]), ..asked("Test.Extensions", "1.0", true) };
    let refused = ask(&f, "web-1", "A", &circle).await.unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.target.as_deref()),
        ("InvalidParameter", Some("provisionAfterExtensions"))
    );
}

#[tokio::test]
async fn what_asks_for_it_moves_by_itself_wave_by_wave() {
    let f = Fixture::new().await;
    publish(&f, "1.0.0", "2.0.0").await;
    let mut machines = Vec::new();
    for number in 0..3 {
        let m = f.machine(&format!("web-{number}")).await;
        let wish = AskedExtension { enable_automatic_upgrade: Some(true), ..asked("Test.Extensions", "1.0", true) };
        ask(&f, &format!("web-{number}"), "Script", &wish).await.unwrap();
        done(&m, 0, "1.0.0").await;
        machines.push(m);
    }
    let plain = f.machine("plain").await;
    ask(&f, "plain", "Script", &asked("Test.Extensions", "1.0", true)).await.unwrap();
    done(&plain, 0, "1.0.0").await;
    publish(&f, "1.1.0", "2.1.0").await;
    publish(&f, "2.0.0", "3.0.0").await;
    let turn = async || f.control.automatic_upgrades().await.map_err(|e| e.into_fault()).unwrap();
    let at_new = async || {
        let mut count = 0;
        for m in &machines {
            let seen = f.control.extension_get(&owner(), m.id, name()).await.unwrap();
            count += u32::from(seen.summary.extension.version.as_str() == "1.1.0");
        }
        count
    };
    for expected in 1..=3 {
        turn().await;
        turn().await;
        assert_eq!(at_new().await, expected, "one at a time, and the next when it has ended");
        for m in &machines {
            let seen = f.control.extension_get(&owner(), m.id, name()).await.unwrap().summary;
            if seen.open_operation.is_some() {
                done(m, 0, "1.1.0").await;
            }
        }
    }
    turn().await;
    let plain = f.control.extension_get(&owner(), plain.id, name()).await.unwrap();
    assert_eq!(plain.summary.extension.version.as_str(), "1.0.0", "it did not ask for it");
}
