//! The server's clock is set while something runs, and machines have clocks of their own.

use control::{RunBatch, RunRecord};
use domain::{
    actor::Role,
    generation::Incarnation,
    guest_agent::HealthWord,
    operation::{RUN_LIMIT_MS, StepName, StepPhase, TargetState},
    portal::{AccountCalls, ExtensionCalls, VmCalls},
    secret::Secret,
    status::StatusWord,
    timestamp::Timestamp,
};
use serde_json::json;

use crate::fixture::{Fixture, HANDLER, line, name, owner, step};

const TWO_HOURS: i64 = 2 * 3_600_000;

#[tokio::test]
async fn setting_the_clock_back_times_nothing_out_and_shows_no_negative_length() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    let id = f.install(m.id, "x").await;
    let at = m.fetch().await;
    m.records(at, 0, vec![step(StepName::PickedUp, StepPhase::Done), step(StepName::Enabled, StepPhase::Started)])
        .await;
    f.jump(-TWO_HOURS);
    f.pass(5_000);
    f.control.deadlines_check().await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!(f.operation(id).await.summary.state, TargetState::Running);
    m.records(at, 2, vec![line("still here"), step(StepName::Enabled, StepPhase::Done)]).await;
    m.report(at, 0, StatusWord::Success, 0).await;
    let end = f.operation(id).await;
    assert_eq!(end.summary.state, TargetState::Succeeded);
    for step in &end.targets[0].target.steps {
        assert!(step.duration_ms.is_none_or(|ms| ms < 3_600_000), "{step:?}");
    }
    // what came later counts as later, whatever the clock said
    let second = f.control.put_extension(&owner(), f.put(m.id, json!({"commandToExecute": "y"}))).await;
    let second = second.map_err(|e| e.into_fault()).unwrap();
    let runs = f.control.extension_get(&owner(), m.id, name()).await.unwrap().runs;
    assert_eq!(runs[0].operation.id, second);
    let before = f.control.wanted(m.id).await.map_err(|e| e.into_fault()).unwrap();
    m.records(before.incarnation, 0, vec![step(StepName::Enabled, StepPhase::Done)]).await;
    m.report(before.incarnation, 1, StatusWord::Success, 0).await;
    f.jump(-TWO_HOURS);
    f.control
        .put_extension(&owner(), f.put(m.id, json!({"commandToExecute": "z"})))
        .await
        .map_err(|e| e.into_fault())
        .unwrap();
    let after = f.control.wanted(m.id).await.map_err(|e| e.into_fault()).unwrap();
    assert!(after.created_on_ticks > before.created_on_ticks, "agents take the goal state with the higher stamp");
}

#[tokio::test]
async fn setting_the_clock_forward_shortens_no_run() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    let id = f.install(m.id, "x").await;
    m.fetch().await;
    let check = async || f.control.deadlines_check().await.map_err(|e| e.into_fault()).unwrap();
    f.pass(120_000);
    check().await;
    f.jump(TWO_HOURS);
    check().await;
    assert_eq!(f.operation(id).await.summary.state, TargetState::Running, "it ran for two minutes");
    f.pass(RUN_LIMIT_MS - 120_000);
    check().await;
    assert_eq!(f.operation(id).await.summary.state, TargetState::Running, "90 minutes, and not a moment more");
    f.pass(1);
    check().await;
    assert_eq!(f.operation(id).await.summary.state, TargetState::TimedOut);
}

#[tokio::test]
async fn what_ended_while_no_server_was_there_is_not_timed_out_by_its_start() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let mut m = f.machine("web-1").await;
    let id = f.install(m.id, "x").await;
    let at = m.fetch().await;
    f.pass(RUN_LIMIT_MS * 2);
    let f = f.again().await;
    m.control = f.control.clone();
    f.pass(5_000);
    f.control.deadlines_check().await.map_err(|e| e.into_fault()).unwrap();
    m.report(at, 0, StatusWord::Success, 0).await;
    assert_eq!(f.operation(id).await.summary.state, TargetState::Succeeded);
}

#[tokio::test]
async fn silence_is_told_although_the_clock_was_set_back() {
    let f = Fixture::new().await;
    let m = f.machine("web-1").await;
    drop(f.control.agent_contact(m.id));
    f.control.contacts_write().await.map_err(|e| e.into_fault()).unwrap();
    f.jump(-TWO_HOURS);
    let health = async |f: &Fixture| f.control.vm_get(&owner(), m.id).await.unwrap().health.word();
    assert_eq!(health(&f).await, HealthWord::Ready);
    let other = f.again().await;
    other.control.contacts_write().await.map_err(|e| e.into_fault()).unwrap();
    f.pass(12_001);
    assert_eq!(health(&f).await, HealthWord::NotResponding);
    assert_eq!(health(&other).await, HealthWord::NotResponding, "it knows only what was written before the jump");
    f.jump(TWO_HOURS);
    drop(f.control.agent_contact(m.id));
    assert_eq!(health(&f).await, HealthWord::Ready);
    f.jump(TWO_HOURS);
    assert_eq!(health(&f).await, HealthWord::Ready, "a moment ago, whatever the clock says");
}

#[tokio::test]
async fn people_can_sign_in_and_are_signed_out_although_the_clock_was_set_back() {
    let f = Fixture::new().await;
    let secret = |text: &str| Secret::new(text);
    f.control.account_create(&owner(), "bob".into(), Role::Owner, secret("long enough 1")).await.unwrap();
    f.jump(-TWO_HOURS);
    let sign_in = async |password: &str| {
        f.control.sign_in("bob", secret(password), "::1").await.map_err(|e| e.into_fault()).unwrap()
    };
    let who = sign_in("long enough 1").await;
    let actor = async |stamp| f.control.actor(who.account.id, stamp).await.map_err(|e| e.into_fault()).unwrap();
    let bob = actor(who.stamp).await.expect("signed in");
    f.jump(-TWO_HOURS);
    f.control.password_change(&bob, secret("long enough 1"), secret("long enough 2")).await.unwrap();
    assert_eq!(actor(who.stamp).await, None, "sessions from before the change are over");
    let again = sign_in("long enough 2").await;
    assert!(actor(again.stamp).await.is_some());
}

#[tokio::test]
async fn a_machine_whose_clock_is_hours_off_has_right_steps() {
    for wrong in [TWO_HOURS, -TWO_HOURS] {
        let f = Fixture::new().await;
        f.publish("1.0.0").await;
        let m = f.machine("web-1").await;
        let id = f.install(m.id, "x").await;
        let incarnation = m.fetch().await;
        let theirs = |ago: i64| f.control_now().plus_millis(wrong - ago);
        let record = |n, ago, entry| RunRecord { n, at: theirs(ago), entry };
        let records = vec![
            record(0, 900, step(StepName::PickedUp, StepPhase::Done)),
            record(1, 400, step(StepName::Enabled, StepPhase::Started)),
            record(2, 300, line("x")),
        ];
        put(&f, m.id, incarnation, Some(theirs(0)), records).await;
        let target = f.operation(id).await.targets[0].target.clone();
        let enabled = target.steps.iter().find(|s| s.name == StepName::Enabled).unwrap();
        assert_eq!(enabled.started_at, Some(f.control_now().plus_millis(-400)), "off by {wrong} ms");
        let output = domain::portal::OperationCalls::operation_output(&f.control, &owner(), id, m.id, 0).await.unwrap();
        assert_eq!(output.records[2].at, f.control_now().plus_millis(-300));
        let seen = f.control.vm_get(&owner(), m.id).await.unwrap().vm.agent.unwrap().last_contact_at;
        assert_eq!(seen, Some(f.control_now()), "when it was last heard of is our own knowledge");
    }
}

async fn put(
    f: &Fixture,
    vm: domain::ids::VmId,
    incarnation: Incarnation,
    sent_at: Option<Timestamp>,
    records: Vec<RunRecord>,
) {
    let run = RunBatch { incarnation, handler: HANDLER.into(), extension: "Script".into(), records };
    f.control.records_put(vm, sent_at, vec![run]).await.map_err(|e| e.into_fault()).unwrap();
}
