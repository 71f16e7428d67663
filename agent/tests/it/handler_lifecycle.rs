//! The orders of wire-protocol 5.4, with real processes.

use std::fs;
use std::sync::atomic::Ordering;
use std::time::Duration;

use agent::handler::{Wish, codes};
use agent_protocol::{StatusLevel, StepName, StepPhase};

use crate::handler_rig::{Manifest, NAME, Rig, lives, mode, probe, with};

#[tokio::test]
async fn install_enable_and_new_settings() {
    let mut rig = Rig::started();
    let first = rig.go(vec![probe("1.0.0", 0)]).await;
    assert_eq!(rig.calls(), ["install 1.0.0 0", "enable 1.0.0 0"]);
    let handler = rig.handler();
    assert_eq!((handler.status.as_str(), handler.code, handler.handler_version.as_str()), ("Ready", 0, "1.0.0"));
    assert_eq!(rig.extension(), (StatusLevel::Success, 0, "enabled 0".into()));
    rig.until("the run is over", |rig| rig.has_step(first, StepName::Enabled, StepPhase::Done)).await;
    assert_eq!(
        rig.steps(first, NAME),
        ["pickedUp done", "downloaded done", "verified done", "installed done", "enabled done"]
    );

    let home = rig.home("1.0.0");
    assert_eq!(mode(&home.join("config/0.settings")), 0o600);
    assert_eq!(mode(&home.join("bin/h.sh")), 0o744);
    assert_eq!(fs::read_to_string(home.join("config/HandlerState")).unwrap(), "Enabled");
    assert!(fs::read_to_string(home.join("config/HandlerStatus")).unwrap().contains("Plugin enabled"));
    let environment = fs::read_to_string(home.join("HandlerEnvironment.json")).unwrap();
    assert!(environment.contains("\"outputFolder\""), "{environment}");
    assert!(
        fs::read_to_string(rig.places.logs.join(NAME).join("CommandExecution.log")).unwrap().contains("h.sh install")
    );
    for (name, value) in [
        ("ConfigSequenceNumber", "0"),
        ("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0"),
        ("AZURE_GUEST_AGENT_EXTENSION_PATH", home.to_str().unwrap()),
        ("AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS", "203.0.113.7:8080"),
        ("AZURE_GUEST_AGENT_EXTENSION_SUPPORTED_FEATURES", "[]"),
        ("AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE", "NOT_RUN"),
    ] {
        assert_eq!(rig.variable("enable", "1.0.0", name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(rig.variable("enable", "1.0.0", "ConfigExtensionName"), None);

    rig.forget_calls();
    rig.go(vec![probe("1.0.0", 0)]).await;
    assert!(rig.calls().is_empty(), "a goal state that changes nothing runs nothing");
    rig.go(vec![probe("1.0.0", 1)]).await;
    assert_eq!(rig.calls(), ["enable 1.0.0 1"]);
    assert_eq!(rig.extension().2, "enabled 1");
}

#[tokio::test]
async fn update_and_downgrade() {
    let mut rig = Rig::started();
    rig.script_does("enable", "echo 7 > mrseq");
    rig.go(vec![probe("1.0.0", 0)]).await;
    rig.forget_calls();
    rig.script_does("enable", "no_status=1; cat mrseq > \"$control/carried\"");
    rig.script_does("disable", "exit 0");
    let update = rig.go(vec![probe("1.1.0", 0)]).await;
    assert_eq!(
        rig.calls(),
        ["disable 1.0.0 0", "update 1.1.0 0", "uninstall 1.0.0 0", "install 1.1.0 0", "enable 1.1.0 0"]
    );
    assert_eq!(fs::read_to_string(rig.folder.join("control/carried")).unwrap(), "7\n");
    assert_eq!(rig.extension().2, "enabled 0", "the old version's status is carried over");
    assert!(!rig.home("1.0.0").exists());
    assert_eq!(
        rig.steps(update, NAME),
        [
            "pickedUp done",
            "downloaded done",
            "verified done",
            "disabled done",
            "updated done",
            "uninstalled done",
            "installed done",
            "enabled done"
        ]
    );
    for (name, value) in [
        ("VERSION", "1.1.0"),
        ("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0"),
        ("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE", "0"),
    ] {
        assert_eq!(rig.variable("update", "1.1.0", name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(rig.variable("install", "1.1.0", "AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE").as_deref(), Some("0"));

    rig.forget_calls();
    rig.go(vec![probe("1.0.0", 0)]).await;
    assert_eq!(
        rig.calls(),
        ["disable 1.1.0 0", "update 1.1.0 0", "uninstall 1.1.0 0", "install 1.0.0 0", "enable 1.0.0 0"]
    );
    assert_eq!(rig.variable("update", "1.1.0", "VERSION").as_deref(), Some("1.0.0"));
    assert_eq!(rig.variable("update", "1.1.0", "AZURE_GUEST_AGENT_UPDATING_FROM_VERSION").as_deref(), Some("1.1.0"));
}

#[tokio::test]
async fn update_without_install() {
    let mut rig = Rig::started();
    rig.publish("1.1.0", Manifest { without_install: true, ..Manifest::default() });
    rig.go(vec![probe("1.0.0", 0)]).await;
    rig.forget_calls();
    let update = rig.go(vec![probe("1.1.0", 0)]).await;
    assert_eq!(rig.calls(), ["disable 1.0.0 0", "update 1.1.0 0", "uninstall 1.0.0 0", "enable 1.1.0 0"]);
    assert!(rig.steps(update, NAME).contains(&"installed skipped".to_owned()));
}

#[tokio::test]
async fn disable_enable_uninstall_and_drop() {
    let mut rig = Rig::started();
    rig.go(vec![probe("1.0.0", 3)]).await;
    rig.forget_calls();
    rig.go(vec![with(Wish::Disabled, probe("1.0.0", 3))]).await;
    assert_eq!(rig.calls(), ["disable 1.0.0 3"]);
    let handler = rig.handler();
    assert_eq!((handler.status.as_str(), handler.code), ("NotReady", 0));
    assert_eq!(handler.formatted_message.message, "Plugin disabled");
    rig.go(vec![probe("1.0.0", 3)]).await;
    rig.forget_calls();
    let removal = rig.go(vec![with(Wish::Uninstalled, probe("1.0.0", 3))]).await;
    assert_eq!(rig.calls(), ["disable 1.0.0 3", "uninstall 1.0.0 3"]);
    assert!(rig.handlers().is_empty(), "what is gone is missing from the report");
    assert!(!rig.home("1.0.0").exists() && rig.places.logs.join(NAME).exists());
    assert_eq!(rig.steps(removal, NAME), ["pickedUp done", "disabled done", "uninstalled done"]);

    rig.go(vec![probe("1.0.0", 4)]).await;
    rig.forget_calls();
    rig.go(vec![]).await;
    assert!(rig.calls().is_empty() && rig.handlers().is_empty() && !rig.home("1.0.0").exists());
}

#[tokio::test]
async fn each_failing_command_has_its_code() {
    // command, goal state that runs it, code, whether the handler stays
    let table = [
        ("install", probe("1.0.0", 0), codes::INSTALL),
        ("enable", probe("1.0.0", 0), codes::ENABLE),
        ("update", probe("1.1.0", 0), codes::UPDATE),
        ("disable", probe("1.1.0", 0), codes::UPDATE),
        ("uninstall", probe("1.1.0", 0), codes::UPDATE),
        ("disable", with(Wish::Disabled, probe("1.0.0", 0)), codes::DISABLE),
        ("disable", with(Wish::Uninstalled, probe("1.0.0", 0)), codes::DISABLE),
    ];
    for (command, wanted, code) in table {
        let mut rig = Rig::started();
        if !matches!(command, "install" | "enable") {
            rig.go(vec![probe("1.0.0", 0)]).await;
        }
        rig.script_does(command, "echo out; echo err >&2; exit 3");
        let number = rig.go(vec![wanted.clone()]).await;
        let handler = rig.handler();
        assert_eq!((handler.status.as_str(), handler.code), ("NotReady", code), "{command}: {handler:?}");
        let message = handler.formatted_message.message;
        assert!(message.starts_with("Non-zero exit code: 3, ") && message.contains("[stdout]\nout"), "{message}");
        assert!(message.contains("[stderr]\nerr"), "{message}");
        assert!(rig.steps(number, NAME).last().unwrap().ends_with(" failed"), "{:?}", rig.steps(number, NAME));
        assert!(rig.lines(number, NAME).contains(&"stdout out".to_owned()), "{:?}", rig.lines(number, NAME));

        rig.script_does(command, "");
        let before = rig.calls().len();
        rig.apply_as(number, vec![wanted.clone()]);
        rig.settled(number).await;
        assert_eq!(rig.calls().len(), before, "{command}: not retried for the same goal state");
        rig.go(vec![wanted.clone()]).await;
        match wanted.wish {
            Wish::Enabled => assert_eq!(rig.handler().status, "Ready", "{command}"),
            Wish::Disabled => assert_eq!(rig.handler().formatted_message.message, "Plugin disabled"),
            Wish::Uninstalled => assert!(rig.handlers().is_empty()),
        }
    }
}

#[tokio::test]
async fn a_failed_update_is_repeated_without_a_second_disable() {
    let mut rig = Rig::started();
    rig.go(vec![probe("1.0.0", 0)]).await;
    rig.forget_calls();
    rig.script_does("update", "exit 9");
    rig.go(vec![probe("1.1.0", 0)]).await;
    assert_eq!(fs::read_to_string(rig.home("1.1.0").join("config/HandlerState")).unwrap(), "FailedUpgrade");
    rig.script_does("update", "");
    rig.go(vec![probe("1.1.0", 0)]).await;
    assert_eq!(
        rig.calls(),
        [
            "disable 1.0.0 0",
            "update 1.1.0 0",
            "update 1.1.0 0",
            "uninstall 1.0.0 0",
            "install 1.1.0 0",
            "enable 1.1.0 0"
        ]
    );
    assert_eq!(rig.shelf.downloads.load(Ordering::SeqCst), 3, "the package is fetched anew");
}

#[tokio::test]
async fn continue_on_update_failure_passes_the_codes_on() {
    let mut rig = Rig::started();
    rig.publish("1.1.0", Manifest { continue_on_failure: true, ..Manifest::default() });
    rig.go(vec![probe("1.0.0", 0)]).await;
    rig.script_does("disable", "exit 4");
    rig.script_does("uninstall", "exit 5");
    rig.go(vec![probe("1.1.0", 0)]).await;
    assert_eq!(rig.handler().status, "Ready");
    assert_eq!(rig.variable("update", "1.1.0", "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE").as_deref(), Some("4"));
    assert_eq!(rig.variable("enable", "1.1.0", "AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE").as_deref(), Some("5"));
}

#[tokio::test]
async fn a_failing_uninstall_is_swallowed_but_told() {
    let mut rig = Rig::started();
    rig.go(vec![probe("1.0.0", 0)]).await;
    rig.script_does("uninstall", "exit 6");
    let removal = rig.go(vec![with(Wish::Uninstalled, probe("1.0.0", 0))]).await;
    assert!(rig.handlers().is_empty());
    assert_eq!(rig.steps(removal, NAME), ["pickedUp done", "disabled done", "uninstalled failed"]);
}

#[tokio::test]
async fn time_out_kills_the_whole_group_and_only_then() {
    let mut rig = Rig::new();
    rig.publish("1.0.0", Manifest::default());
    rig.limits.enable = Duration::from_millis(700);
    rig.start();
    // A command that ends well leaves its child alone.
    rig.script_does("install", "sleep 1000 & echo $! > \"$control/daemon\"");
    // One over its limit goes with its children, but not with those that left its session.
    rig.script_does(
        "enable",
        "setsid sh -c 'echo $$ > \"$1\"; exec sleep 1001' - \"$control/escaped\" &
         sleep 1002 & echo $! > \"$control/child\"; echo $$ > \"$control/self\"; echo begun; wait",
    );
    let number = rig.go(vec![probe("1.0.0", 0)]).await;
    let handler = rig.handler();
    assert_eq!((handler.status.as_str(), handler.code), ("NotReady", codes::TIMED_OUT));
    assert!(handler.formatted_message.message.starts_with("Timeout(0.7): "), "{handler:?}");
    let pid = |name: &str| fs::read_to_string(rig.folder.join("control").join(name)).unwrap();
    assert!(lives(&pid("daemon")), "children of a command that ended well live on");
    rig.until("the group is gone", |_| !lives(&pid("child")) && !lives(&pid("self"))).await;
    assert_eq!(rig.lines(number, NAME), ["stdout begun"]);
    assert!(lives(&pid("escaped")), "who left the session is not of the group");
    kill(&pid("daemon"));
    kill(&pid("escaped"));
}

fn kill(pid: &str) {
    let _ = std::process::Command::new("kill").arg(pid.trim()).status();
}
