//! Multi-config handlers, and dependency levels.

use std::fs;

use agent::handler::{Version, WantedHandler, Wish, codes};
use agent_protocol::StatusLevel;

use crate::handler_rig::{Manifest, Rig, named, of, probe, settings, with};

fn multi() -> Rig {
    let mut rig = Rig::new();
    rig.publish("1.0.0", Manifest { multi: true, ..Manifest::default() });
    rig.publish("1.1.0", Manifest { multi: true, ..Manifest::default() });
    rig.start();
    rig
}

fn element(rig: &Rig, name: &str) -> Option<(StatusLevel, i64, String)> {
    let named = |handler: &&agent_protocol::HandlerStatus| {
        handler
            .runtime_settings_status
            .as_ref()
            .is_some_and(|settings| settings.extension_name.as_deref() == Some(name))
    };
    rig.handlers().iter().find(named).map(of)
}

#[tokio::test]
async fn instances_come_change_fail_and_go() {
    let mut rig = multi();
    rig.go(vec![named("1.0.0", &[("web", 0, 0), ("db", 4, 0)])]).await;
    assert_eq!(rig.calls(), ["install 1.0.0 web 0", "enable 1.0.0 web 0", "enable 1.0.0 db 4"]);
    assert_eq!(rig.handlers().len(), 2);
    assert_eq!(element(&rig, "db").unwrap().2, "enabled 4");
    let home = rig.home("1.0.0");
    assert!(home.join("config/web.0.settings").exists() && home.join("status/db.4.status").exists());
    assert_eq!(rig.variable("enable", "1.0.0", "ConfigExtensionName").as_deref(), Some("db"));
    assert!(rig.places.logs.join("Test.Probe/CommandExecution_web.log").exists());

    rig.forget_calls();
    rig.script_does("enable", "if [ $seq = 5 ]; then exit 3; fi");
    rig.go(vec![named("1.0.0", &[("web", 1, 0), ("db", 5, 0)])]).await;
    assert_eq!(rig.calls(), ["enable 1.0.0 web 1", "enable 1.0.0 db 5"]);
    assert!(rig.handlers().iter().all(|handler| handler.status == "Ready"), "{:#?}", rig.handlers());
    let (level, code, message) = element(&rig, "db").unwrap();
    assert_eq!((level, code), (StatusLevel::Error, codes::ENABLE));
    assert!(message.starts_with("Non-zero exit code: 3"), "{message}");
    assert_eq!(element(&rig, "web").unwrap().0, StatusLevel::Success);

    rig.forget_calls();
    rig.script_does("disable", "exit 8");
    let mut wanted = named("1.0.0", &[("web", 1, 0), ("db", 6, 0)]);
    wanted.extensions[0].enabled = false;
    rig.go(vec![wanted]).await;
    assert_eq!(rig.calls(), ["disable 1.0.0 web 1", "enable 1.0.0 db 6"], "errors of a deleted instance are ignored");
    assert_eq!(rig.handlers().len(), 1);
    assert!(!home.join("config/web.1.settings").exists() && !home.join("status/web.1.status").exists());

    rig.forget_calls();
    rig.script_does("disable", "");
    let mut wanted = named("1.0.0", &[("db", 6, 0)]);
    wanted.extensions[0].enabled = false;
    rig.go(vec![wanted]).await;
    assert_eq!(rig.calls(), ["disable 1.0.0 db 6"]);
    assert_eq!(fs::read_to_string(home.join("config/HandlerState")).unwrap(), "Installed");
}

#[tokio::test]
async fn an_update_disables_and_enables_every_instance() {
    let mut rig = multi();
    rig.go(vec![named("1.0.0", &[("a", 0, 0), ("b", 0, 0)])]).await;
    rig.forget_calls();
    rig.go(vec![named("1.1.0", &[("a", 0, 0), ("b", 0, 0)])]).await;
    assert_eq!(
        rig.calls(),
        [
            "disable 1.0.0 a 0",
            "disable 1.0.0 b 0",
            "update 1.1.0 a 0",
            "uninstall 1.0.0 a 0",
            "install 1.1.0 a 0",
            "enable 1.1.0 a 0",
            "enable 1.1.0 b 0"
        ]
    );
    let codes =
        rig.variable("update", "1.1.0", "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODES_MULTIPLE_EXTENSIONS").unwrap();
    let codes: serde_json::Value = serde_json::from_str(&codes).unwrap();
    let code = |name: &str| serde_json::json!({ "extensionName": name, "exitCode": "0" });
    assert_eq!(codes, serde_json::json!([code("a"), code("b")]));
    rig.forget_calls();
    rig.go(vec![with(Wish::Uninstalled, named("1.1.0", &[]))]).await;
    assert_eq!(rig.calls(), ["disable 1.1.0 a 0", "disable 1.1.0 b 0", "uninstall 1.1.0 a 0"]);
    assert!(rig.handlers().is_empty());
}

#[tokio::test]
async fn names_need_a_handler_that_knows_them() {
    let mut rig = Rig::started();
    rig.go(vec![named("1.0.0", &[("web", 0, 0)])]).await;
    assert!(rig.calls().is_empty());
    let handler = &rig.handlers()[0];
    assert_eq!((handler.status.as_str(), handler.code), ("NotReady", codes::UNKNOWN));
    assert!(handler.formatted_message.message.contains("supportsMultipleExtensions"), "{handler:?}");
}

#[tokio::test]
async fn a_level_waits_for_final_statuses_below_it() {
    let mut rig = multi();
    rig.script_does("enable", "if [ \"$name\" = base ]; then no_status=1; fi");
    let number = rig.apply(vec![named("1.0.0", &[("top", 0, 2), ("base", 0, 1)])]);
    rig.until("base is enabled", |rig| rig.calls().contains(&"enable 1.0.0 base 0".into())).await;
    rig.until("base is waited for", |rig| element(rig, "base").is_some_and(|base| base.2.contains("Guest Agent")))
        .await;
    assert!(!rig.snapshot().settled && !rig.calls().contains(&"enable 1.0.0 top 0".into()));
    assert_eq!(element(&rig, "top").unwrap().0, StatusLevel::Transitioning);
    fs::write(
        rig.home("1.0.0").join("status/base.0.status"),
        r#"[{"status":{"status":"success","code":0,"formattedMessage":{"message":"up"}}}]"#,
    )
    .unwrap();
    rig.settled(number).await;
    assert_eq!(rig.calls(), ["install 1.0.0 base 0", "enable 1.0.0 base 0", "enable 1.0.0 top 0"]);
}

#[tokio::test]
async fn a_failed_dependency_skips_the_rest() {
    let mut rig = multi();
    rig.script_does("enable", "if [ \"$name\" = base ]; then no_status=1; write_status error 1 broken; fi");
    rig.go(vec![named("1.0.0", &[("top", 0, 2), ("base", 0, 1)])]).await;
    assert_eq!(rig.calls(), ["install 1.0.0 base 0", "enable 1.0.0 base 0"]);
    let (level, code, message) = element(&rig, "top").unwrap();
    assert_eq!((level, code), (StatusLevel::Error, codes::UNKNOWN));
    assert_eq!(
        message,
        "Skipping processing of extensions since execution of dependent extension Test.Probe (base) failed"
    );
    rig.script_does("enable", "");
    rig.go(vec![named("1.0.0", &[("top", 0, 2), ("base", 1, 1)])]).await;
    assert_eq!(element(&rig, "top").unwrap().0, StatusLevel::Success, "what was skipped is asked for again");
}

#[tokio::test]
async fn handlers_depend_on_each_other_and_removals_come_first() {
    let mut rig = Rig::started();
    let other = |level: u32, wish: Wish| WantedHandler {
        name: "Test.Other".into(),
        extensions: vec![agent::handler::WantedExtension {
            level,
            settings: Some(settings("other")),
            ..probe("1.0.0", 0).extensions.remove(0)
        }],
        wish,
        ..probe("1.0.0", 0)
    };
    let mut base = probe("1.0.0", 0);
    base.extensions[0].level = 1;
    // `other` is listed first, but waits; its base fails at install.
    rig.script_does("install", "exit 2");
    rig.go(vec![other(2, Wish::Enabled), base.clone()]).await;
    assert_eq!(rig.calls(), ["install 1.0.0 0"]);
    let statuses = rig.handlers();
    let other_status = statuses.iter().find(|handler| handler.handler_name == "Test.Other").unwrap();
    assert_eq!((other_status.status.as_str(), other_status.code), ("NotReady", codes::UNKNOWN));
    rig.script_does("install", "");
    rig.go(vec![other(2, Wish::Enabled), base.clone()]).await;
    assert!(rig.handlers().iter().all(|handler| handler.status == "Ready"), "{:#?}", rig.handlers());
    rig.forget_calls();
    base.version = "1.1.0".parse::<Version>().unwrap();
    rig.go(vec![base, other(2, Wish::Uninstalled)]).await;
    assert_eq!(rig.calls()[..2], ["disable 1.0.0 0", "uninstall 1.0.0 0"], "removals come first");
    assert_eq!(rig.handlers().len(), 1);
}
