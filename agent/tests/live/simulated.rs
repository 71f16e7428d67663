//! Simulated agents: by step, free-running, silent, many.

use std::time::{Duration, Instant};

use agent::sim::{End, Fleet, Script, SimAgent, Step};
use agent_protocol::{Entry, StatusLevel, StepName, StepPhase};
use serde_json::json;

use crate::portal::{HANDLER, Portal};

async fn machine(portal: &Portal) -> SimAgent {
    let token = portal.token("t");
    SimAgent::enrol(&portal.address(), &token, "m").await.unwrap()
}

#[tokio::test]
async fn step_by_step() {
    let dir = tempfile::tempdir().unwrap();
    let portal = Portal::start(dir.path().join("socket"));
    portal.state().packages.insert("1.0.0".into(), b"zip".to_vec());
    let mut agent = machine(&portal).await;
    assert_eq!(agent.settle().await.unwrap(), Some(1));
    agent.script(HANDLER, Script::succeed().line("hello").after(Duration::from_secs(3600)).downloading());
    let incarnation = portal.want("m", "1.0.0", 0, json!({}));
    let mut steps = Vec::new();
    while steps.last() != Some(&Step::Done(incarnation)) {
        steps.push(agent.step().await.unwrap());
    }
    assert_eq!(steps[0], Step::TookUp(incarnation));
    assert!(steps.contains(&Step::Downloaded(3)) && steps.contains(&Step::Waited), "{steps:?}");
    assert_eq!(portal.until_final("m", 0).await.status, StatusLevel::Success);
    let records = portal.run("m", incarnation);
    assert!(records.iter().any(|record| matches!(&record.entry, Entry::Line(line) if line.text == "hello")));
    assert!(
        matches!(&records.last().unwrap().entry, Entry::Step(step) if step.name == StepName::Enabled && step.phase == StepPhase::Done)
    );

    // unchanged in a new goal state: nothing is done again
    let next = portal.change("m", |_| {});
    agent.settle().await.unwrap();
    assert!(portal.run("m", next).is_empty());
}

#[tokio::test]
async fn failing_and_vanishing() {
    let dir = tempfile::tempdir().unwrap();
    let portal = Portal::start(dir.path().join("socket"));
    let mut agent = machine(&portal).await;
    agent.script(HANDLER, Script::fail(3, "exit code 3"));
    portal.want("m", "1.0.0", 0, json!({}));
    agent.settle().await.unwrap();
    assert_eq!(portal.until_final("m", 0).await.code, 3);

    let agent = agent.start();
    agent.script(HANDLER, Script::ending(End::Vanish).line("last words"));
    let incarnation = portal.want("m", "1.0.0", 1, json!({}));
    agent.progress().wait_for(|progress| progress.silent).await.unwrap();
    assert!(portal.state().machines["m"].status.is_some());
    agent.come_back();
    agent.until_done(incarnation).await;
    assert_eq!(portal.until_final("m", 1).await.status, StatusLevel::Success);
}

#[tokio::test]
async fn a_lost_answer_does_not_repeat_records() {
    let dir = tempfile::tempdir().unwrap();
    let portal = Portal::start(dir.path().join("socket"));
    let agent = machine(&portal).await.start();
    agent.until_done(1).await;
    portal.state().lose_answers = 3;
    let incarnation = portal.want("m", "1.0.0", 0, json!({}));
    agent.until_done(incarnation).await;
    let numbers: Vec<_> = portal.run("m", incarnation).iter().map(|record| record.n).collect();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let portal = Portal::start(dir.path().join("socket"));
    assert!(agent::sim::raise_file_limit() >= 1024);
    let tokens: Vec<_> = (0..200).map(|n| portal.token(&format!("t{n}"))).collect();
    let fleet = Fleet::enrol(&portal.address(), "sim", &tokens, Script::succeed().line("x")).await.unwrap();
    fleet.until_done(1).await;
    let changed = Instant::now();
    for agent in &fleet.agents {
        portal.want(&agent.name, "1.0.0", 0, json!({}));
    }
    let seen = fleet.until_seen(2).await;
    assert_eq!(seen.len(), 200);
    assert!(seen.iter().all(|at| at.duration_since(changed) < Duration::from_secs(10)));
    fleet.until_done(2).await;
}
