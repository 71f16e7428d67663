//! Restarts of the agent: what was done stays done, what was interrupted goes on, daemons are enabled again.

use std::fs;

use agent::handler::{Failure, Verdict, Wanted, Wish, codes};
use agent_protocol::{StatusLevel, StepName, StepPhase};

use crate::handler_rig::{NAME, Rig, probe, with};

#[tokio::test]
async fn a_restart_enables_again_with_the_same_number() {
    let mut rig = Rig::started();
    rig.go(vec![probe("1.0.0", 3)]).await;
    rig.forget_calls();
    rig.restart();
    rig.until("the last report is there before any goal state", |rig| rig.handlers().len() == 1).await;
    rig.until("the status file was read", |rig| rig.extension().0 == StatusLevel::Success).await;
    assert_eq!(rig.handler().status, "Ready");
    rig.apply_as(1, vec![probe("1.0.0", 3)]);
    rig.until("it is enabled again", |rig| rig.snapshot().settled && !rig.calls().is_empty()).await;
    assert_eq!(rig.calls(), ["enable 1.0.0 3"]);
    assert_eq!(rig.steps(1, NAME).iter().filter(|step| step.starts_with("enabled")).count(), 1, "it is no new run");
    rig.forget_calls();
    // After a restart of the machine, the same; the remembered boot is another one.
    rig.stop();
    fs::write(rig.places.state.join("boot"), "another").unwrap();
    rig.start();
    rig.apply_as(1, vec![probe("1.0.0", 3)]);
    rig.until("it is enabled again", |rig| rig.snapshot().settled && !rig.calls().is_empty()).await;
    assert_eq!(rig.calls(), ["enable 1.0.0 3"]);
}

#[tokio::test]
async fn a_failure_is_retried_by_the_next_life() {
    let mut rig = Rig::started();
    rig.script_does("install", "exit 1");
    rig.go(vec![probe("1.0.0", 0)]).await;
    rig.script_does("install", "");
    rig.restart();
    assert_eq!(rig.handler().code, codes::INSTALL, "the failure is still known");
    rig.apply_as(1, vec![probe("1.0.0", 0)]);
    rig.until("it works", |rig| rig.handler().status == "Ready").await;
    assert_eq!(rig.calls(), ["install 1.0.0 0", "install 1.0.0 0", "enable 1.0.0 0"]);
}

#[tokio::test]
async fn a_command_that_still_runs_is_waited_for() {
    for (command, rest) in
        [("install", vec!["install 1.0.0 0", "enable 1.0.0 0"]), ("enable", vec!["install 1.0.0 0", "enable 1.0.0 0"])]
    {
        let mut rig = Rig::started();
        rig.script_does(command, "echo before; while [ ! -e \"$control/go\" ]; do sleep 0.01; done; echo after");
        rig.apply(vec![probe("1.0.0", 0)]);
        rig.until("the command runs", |rig| rig.calls().iter().any(|call| call.starts_with(command))).await;
        rig.restart();
        rig.apply_as(1, vec![probe("1.0.0", 0)]);
        fs::write(rig.folder.join("control/go"), "").unwrap();
        rig.settled(1).await;
        assert_eq!(rig.calls(), rest, "{command} is not started twice");
        assert_eq!(rig.handler().status, "Ready");
        rig.until("the run is over", |rig| rig.has_step(1, StepName::Enabled, StepPhase::Done)).await;
        assert_eq!(rig.lines(1, NAME), ["stdout before", "stdout after"], "no line is lost or doubled");
        let steps = rig.steps(1, NAME);
        assert_eq!(steps, ["pickedUp done", "downloaded done", "verified done", "installed done", "enabled done"]);
    }
}

#[tokio::test]
async fn an_end_that_nobody_saw_counts() {
    let mut rig = Rig::started();
    rig.script_does("install", "while [ ! -e \"$control/go\" ]; do sleep 0.01; done; exit 7");
    rig.apply(vec![probe("1.0.0", 0)]);
    rig.until("install runs", |rig| rig.calls().len() == 1).await;
    rig.stop();
    fs::write(rig.folder.join("control/go"), "").unwrap();
    let exit = rig.places.state.join("commands").join(NAME).join("1/exit");
    let deadline = std::time::Instant::now() + crate::handler_rig::PATIENCE;
    while !fs::read_to_string(&exit).is_ok_and(|text| text == "7\n") {
        assert!(std::time::Instant::now() < deadline);
        std::thread::yield_now();
    }
    rig.start();
    rig.until("the failure is known", |rig| rig.handler().code == codes::INSTALL).await;
    assert_eq!(rig.calls(), ["install 1.0.0 0"]);
}

#[tokio::test]
async fn a_time_limit_goes_on_over_a_restart() {
    let mut rig = Rig::new();
    rig.publish("1.0.0", crate::handler_rig::Manifest::default());
    rig.limits.enable = std::time::Duration::from_millis(1500);
    rig.start();
    rig.script_does("enable", "echo $$ > \"$control/self\"; sleep 1000");
    rig.apply(vec![probe("1.0.0", 0)]);
    rig.until("enable runs", |rig| rig.folder.join("control/self").exists()).await;
    rig.restart();
    rig.until("it is killed", |rig| rig.handler().code == codes::TIMED_OUT).await;
    let pid = fs::read_to_string(rig.folder.join("control/self")).unwrap();
    rig.until("its process is gone", |_| !crate::handler_rig::lives(&pid)).await;
}

#[tokio::test]
async fn a_newer_goal_state_waits_for_the_command_and_replaces_the_rest() {
    let mut rig = Rig::started();
    rig.script_does("install", "while [ ! -e \"$control/go\" ]; do sleep 0.01; done");
    rig.apply(vec![probe("1.0.0", 0)]);
    rig.until("install runs", |rig| rig.calls().len() == 1).await;
    rig.apply(vec![probe("1.0.0", 1)]);
    let last = rig.apply(vec![probe("1.0.0", 2)]);
    fs::write(rig.folder.join("control/go"), "").unwrap();
    rig.settled(last).await;
    assert_eq!(rig.calls(), ["install 1.0.0 0", "enable 1.0.0 2"], "numbers in between are skipped");
    rig.until("the run is over", |rig| rig.has_step(last, StepName::Enabled, StepPhase::Done)).await;
    assert!(rig.lines(1, NAME).last().unwrap().contains("takes the place of this run"));
}

#[tokio::test]
async fn an_update_can_be_interrupted_by_a_removal() {
    let mut rig = Rig::started();
    rig.go(vec![probe("1.0.0", 0)]).await;
    rig.forget_calls();
    rig.script_does("disable", "while [ ! -e \"$control/go\" ]; do sleep 0.01; done");
    rig.apply(vec![probe("1.1.0", 0)]);
    rig.until("disable runs", |rig| rig.calls().len() == 1).await;
    let last = rig.apply(vec![with(Wish::Uninstalled, probe("1.1.0", 0))]);
    fs::write(rig.folder.join("control/go"), "").unwrap();
    rig.settled(last).await;
    assert_eq!(rig.calls(), ["disable 1.0.0 0", "uninstall 1.0.0 0"]);
    assert!(rig.handlers().is_empty() && !rig.home("1.1.0").exists() && !rig.home("1.0.0").exists());
}

#[tokio::test]
async fn holds_and_refusals() {
    let rig = Rig::started();
    let wanted = |verdict| Wanted { incarnation: 1, verdict, handlers: vec![probe("1.0.0", 0)] };
    rig.supervisor().apply(wanted(Verdict::OnHold));
    rig.supervisor().apply(wanted(Verdict::Refused(Failure::new(codes::UNSUPPORTED_FEATURE, "no"))));
    rig.until("the refusal is reported", |rig| rig.snapshot().goal_state.is_some_and(|state| state.status == "Failed"))
        .await;
    assert_eq!(rig.snapshot().goal_state.unwrap().code, codes::UNSUPPORTED_FEATURE);
    assert!(rig.calls().is_empty());
    rig.supervisor().apply(wanted(Verdict::Process));
    rig.until("it runs", |rig| rig.snapshot().goal_state.is_some_and(|state| state.status == "Success")).await;
    rig.settled(1).await;
    assert_eq!(rig.calls().len(), 2);
}

/// As when the disk is full, which a test can not make it.
#[tokio::test]
async fn a_machine_that_takes_no_files_says_so_and_recovers() {
    let mut rig = Rig::started();
    rig.go(vec![probe("1.0.0", 0)]).await;
    rig.forget_calls();
    let (records, aside) = (rig.places.state.join("handlers"), rig.places.state.join("aside"));
    fs::rename(&records, &aside).unwrap();
    rig.go(vec![probe("1.0.0", 1)]).await;
    let handler = rig.handler();
    assert_eq!((handler.status.as_str(), handler.code), ("NotReady", codes::GENERIC), "{handler:?}");
    assert!(handler.formatted_message.message.contains("can not take this up"), "{handler:?}");
    assert!(rig.calls().is_empty(), "nothing runs whose end could not be kept");
    fs::rename(&aside, &records).unwrap();

    let commands = rig.places.tickets(NAME);
    fs::remove_dir_all(&commands).unwrap();
    fs::write(&commands, "no folder").unwrap();
    rig.go(vec![probe("1.0.0", 1)]).await;
    assert_eq!((rig.handler().status.as_str(), rig.handler().code), ("NotReady", codes::GENERIC));
    fs::remove_file(&commands).unwrap();
    rig.go(vec![probe("1.0.0", 1)]).await;
    assert_eq!(rig.calls(), ["enable 1.0.0 1"]);
    assert_eq!(rig.handler().status, "Ready");
}
