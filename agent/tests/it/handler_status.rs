//! Status files and heartbeats, as handlers in the wild write them (extension-model 5 and 12).

use std::fs;
use std::time::{Duration, SystemTime};

use agent::handler::codes;
use agent_protocol::{StatusLevel, StepName, StepPhase};

use crate::handler_rig::{Manifest, NAME, Rig, of, probe};

fn status(text: &str) -> String {
    format!("no_status=1; cat > status/$seq.status <<'END'\n{text}\nEND\n")
}

#[tokio::test]
async fn a_missing_file_is_filled_in_until_it_comes() {
    let mut rig = Rig::started();
    rig.script_does("enable", "no_status=1");
    let number = rig.go(vec![probe("1.0.0", 2)]).await;
    let (level, code, message) = rig.extension();
    assert_eq!((level, code), (StatusLevel::Transitioning, 0));
    assert!(message.contains("reported by the Guest Agent"), "{message}");
    assert_eq!(rig.handler().status, "Ready");
    assert!(!rig.has_step(number, StepName::Enabled, StepPhase::Done), "detached work is not done yet");

    let file = rig.home("1.0.0").join("status/2.status");
    let text = |level: &str| {
        format!(r#"[{{"version":1.0,"status":{{"status":"{level}","code":0,"formattedMessage":{{"message":"m"}}}}}}]"#)
    };
    fs::write(&file, text("warning")).unwrap();
    rig.until("the warning is seen", |rig| rig.extension().0 == StatusLevel::Warning).await;
    assert!(!rig.has_step(number, StepName::Enabled, StepPhase::Done), "a warning is not final");
    fs::write(&file, text("success")).unwrap();
    rig.until("the run ends", |rig| rig.has_step(number, StepName::Enabled, StepPhase::Done)).await;
    assert_eq!(rig.extension().0, StatusLevel::Success);
    fs::write(&file, text("error")).unwrap();
    rig.until("a later change is reported too", |rig| rig.extension().0 == StatusLevel::Error).await;
}

#[tokio::test]
async fn an_error_status_fails_the_run_but_not_the_handler() {
    let mut rig = Rig::started();
    rig.script_does("enable", "no_status=1; write_status error 2 'the script exited with 3'");
    let number = rig.go(vec![probe("1.0.0", 0)]).await;
    rig.until("the run ends", |rig| rig.has_step(number, StepName::Enabled, StepPhase::Failed)).await;
    assert_eq!(rig.handler().status, "Ready");
    assert_eq!(rig.extension(), (StatusLevel::Error, 2, "the script exited with 3".into()));
    rig.forget_calls();
    rig.go(vec![probe("1.0.0", 0)]).await;
    assert!(rig.calls().is_empty(), "the settings were processed; an error in the status is their result");
}

#[tokio::test]
async fn what_the_wild_writes_is_read() {
    let table = [
        (
            r#"[{"version":"1.0","status":{"status":"Success","code":"0","operation":null,"formattedMessage":{"lang":"en","message":null}}}]"#,
            StatusLevel::Success,
            0,
            "",
        ),
        (
            r#"[{"status":{"status":"error","code":"17","name":null,"formattedMessage":{"message":"x"},"substatus":null}},{}]"#,
            StatusLevel::Error,
            17,
            "x",
        ),
        (r#"[{"status":{"status":"bogus","code":1,"formattedMessage":{"message":"x"}}}]"#, StatusLevel::Error, 1, "x"),
    ];
    for (text, level, code, message) in table {
        let mut rig = Rig::started();
        rig.script_does("enable", &status(text));
        rig.go(vec![probe("1.0.0", 0)]).await;
        rig.until("it is seen", |rig| rig.extension() == (level, code, message.to_owned())).await;
    }
}

#[tokio::test]
async fn a_half_written_file_is_waited_for_and_a_broken_one_reported() {
    let mut rig = Rig::new();
    rig.publish("1.0.0", Manifest::default());
    rig.limits.grace = Duration::from_millis(1500);
    rig.start();
    rig.script_does("enable", &status(r#"[{"version":1.0,"status":{"status":"succ"#));
    rig.go(vec![probe("1.0.0", 0)]).await;
    assert_eq!(rig.extension().0, StatusLevel::Transitioning, "half a file is no verdict");
    let file = rig.home("1.0.0").join("status/0.status");
    fs::write(&file, r#"[{"status":{"status":"transitioning","code":0,"formattedMessage":{"message":"half way"}}}]"#)
        .unwrap();
    rig.until("the whole file is seen", |rig| rig.extension().2 == "half way").await;
    fs::write(&file, "no json").unwrap();
    rig.until("the broken file is reported", |rig| rig.extension().1 == codes::STATUS_INVALID).await;
    assert_eq!(rig.extension().0, StatusLevel::Error);
}

#[tokio::test]
async fn an_oversize_file_is_cut() {
    let mut rig = Rig::started();
    rig.script_does(
        "enable",
        r#"no_status=1
        long=$(head -c 200000 /dev/zero | tr '\0' x)
        printf '[{"status":{"status":"success","code":0,"formattedMessage":{"message":"%s"},"substatus":[{"name":"StdOut","status":"success","code":0,"formattedMessage":{"message":"%s"}}]}}]' "$long" "$long" > status/$seq.status"#,
    );
    rig.go(vec![probe("1.0.0", 0)]).await;
    rig.until("it is seen", |rig| rig.extension().0 == StatusLevel::Success).await;
    assert_eq!(rig.extension().2.len(), 1024);
    let settings = rig.handler().runtime_settings_status.unwrap().settings_status.unwrap();
    assert_eq!(settings.status.substatus[0].formatted_message.message.len(), 10 * 1024);
}

#[tokio::test]
async fn a_failed_enable_shows_the_handlers_own_reason() {
    let mut rig = Rig::started();
    rig.script_does("enable", "write_status error 51 'this system is not supported'; exit 51");
    rig.go(vec![probe("1.0.0", 0)]).await;
    assert_eq!((rig.handler().status.as_str(), rig.handler().code), ("NotReady", codes::ENABLE));
    assert_eq!(rig.extension(), (StatusLevel::Error, 51, "this system is not supported".into()));
}

#[tokio::test]
async fn a_handler_without_settings_has_no_status() {
    let mut rig = Rig::started();
    let mut wanted = probe("1.0.0", 0);
    wanted.extensions[0].settings = None;
    rig.script_does("enable", "no_status=1");
    let number = rig.go(vec![wanted]).await;
    assert_eq!(rig.handler().runtime_settings_status, None);
    assert_eq!(rig.handler().status, "Ready");
    assert_eq!(fs::read_to_string(rig.home("1.0.0").join("config/0.settings")).unwrap(), "");
    rig.until("the run ends", |rig| rig.has_step(number, StepName::Enabled, StepPhase::Done)).await;
}

#[tokio::test]
async fn heartbeats() {
    let mut rig = Rig::new();
    rig.publish("1.0.0", Manifest { heartbeat: true, ..Manifest::default() });
    rig.limits.grace = Duration::from_millis(500);
    rig.start();
    rig.go(vec![probe("1.0.0", 0)]).await;
    rig.until("a missing heartbeat is reported", |rig| rig.handler().status == "NotReady").await;
    assert!(rig.handler().formatted_message.message.contains("missing"), "{:?}", rig.handler());
    assert_eq!(rig.handler().code, codes::UNKNOWN);

    let file = rig.home("1.0.0").join("heartbeat.log");
    let beat = |status: &str| {
        format!(
            r#"[{{"version":1.0,"heartbeat":{{"status":"{status}","code":3,"formattedMessage":{{"lang":"en","message":"beating"}}}}}}]"#
        )
    };
    fs::write(&file, beat("ready")).unwrap();
    rig.until("the beat is seen", |rig| rig.handler().status == "Ready").await;
    assert_eq!((rig.handler().code, rig.handler().formatted_message.message.as_str()), (3, "beating"));
    fs::write(&file, beat("notready")).unwrap();
    rig.until("it is not ready", |rig| rig.handler().status == "NotReady").await;
    fs::write(&file, beat("ready")).unwrap();
    rig.until("it is ready", |rig| rig.handler().status == "Ready").await;

    let old = SystemTime::now() - Duration::from_secs(601);
    fs::File::options().write(true).open(&file).unwrap().set_modified(old).unwrap();
    rig.until("it is unresponsive", |rig| rig.handler().status == "Unresponsive").await;
    // It becomes stale by itself, too: no event tells.
    let nearly = SystemTime::now() - Duration::from_millis(599_500);
    fs::File::options().write(true).open(&file).unwrap().set_modified(nearly).unwrap();
    rig.until("it is fresh again", |rig| rig.handler().status == "Ready").await;
    rig.until("it is stale again", |rig| rig.handler().status == "Unresponsive").await;
    fs::write(&file, "junk").unwrap();
    rig.until("junk is reported", |rig| rig.handler().formatted_message.message.contains("can not be understood"))
        .await;
    assert_eq!(of(&rig.handler()).0, StatusLevel::Success, "the extension's own status is untouched");
    assert_eq!(rig.handler().handler_name, NAME);
}
