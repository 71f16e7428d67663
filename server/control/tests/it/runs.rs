//! Records of runs, time-outs, reports that do not count.

use domain::{
    operation::{RUN_LIMIT_MS, StepName, StepPhase, TargetState},
    portal::OperationCalls,
    run_output::OutputEntry,
    status::{HandlerReport, StatusWord},
    timestamp::Timestamp,
};

use crate::fixture::{Fixture, HANDLER, line, owner, step};

#[tokio::test]
async fn records_are_kept_once_whatever_is_sent_again() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    let id = f.install(m.id, "x").await;
    let at = m.fetch().await;
    assert_eq!(m.records(at, 0, vec![step(StepName::PickedUp, StepPhase::Done), line("a")]).await, 2);
    assert_eq!(m.records(at, 0, vec![step(StepName::PickedUp, StepPhase::Done), line("a"), line("b")]).await, 3);
    assert_eq!(m.records(at, 7, vec![line("after a gap")]).await, 3, "the server says what it misses");
    let lines = |output: domain::run_output::RunOutput| {
        output
            .records
            .into_iter()
            .filter_map(|r| match r.entry {
                OutputEntry::Line { text, .. } => Some((r.n, text)),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    let output = f.control.operation_output(&owner(), id, m.id, 0).await.unwrap();
    assert!(!output.complete);
    assert_eq!(lines(output), [(1, "a".to_owned()), (2, "b".to_owned())]);
    // a restarted agent that keeps another journal for a newer goal state goes on behind
    let newer = domain::generation::Incarnation::new(at.get() + 1);
    assert_eq!(m.records(newer, 0, vec![line("c")]).await, 1);
    assert_eq!(m.records(at, 3, vec![line("late")]).await, 4, "the replaced journal is let go");
    let output = f.control.operation_output(&owner(), id, m.id, 2).await.unwrap();
    assert_eq!(lines(output), [(2, "b".to_owned()), (3, "c".to_owned())]);
    m.report(at, 0, StatusWord::Success, 0).await;
    assert!(f.control.operation_output(&owner(), id, m.id, 4).await.unwrap().complete);
}

#[tokio::test]
async fn output_is_capped() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    let id = f.install(m.id, "x").await;
    let at = m.fetch().await;
    let long = "x".repeat(40_000);
    let mut next = 0;
    for _ in 0..4 {
        next = m.records(at, next, vec![line(&long); 30]).await;
    }
    assert_eq!(next, 120);
    let (mut from, mut bytes) = (0, 0);
    loop {
        let output = f.control.operation_output(&owner(), id, m.id, from).await.unwrap();
        if output.records.is_empty() {
            break;
        }
        from = output.next;
        bytes += output
            .records
            .iter()
            .map(|r| match &r.entry {
                OutputEntry::Line { text, .. } => text.len(),
                _ => 0,
            })
            .sum::<usize>();
    }
    assert!(bytes <= 1_100_000, "{bytes} bytes were kept");
    assert!(bytes >= 900_000, "{bytes} bytes were kept");
}

#[tokio::test]
async fn a_run_without_a_result_times_out_and_stays_so() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    let id = f.install(m.id, "x").await;
    f.pass(30 * 24 * 3_600_000);
    f.control.deadlines_check().await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!(f.operation(id).await.summary.state, TargetState::Queued, "a machine that is off may come back");
    let at = m.fetch().await;
    f.pass(RUN_LIMIT_MS);
    f.control.deadlines_check().await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!(f.operation(id).await.summary.state, TargetState::Running);
    f.pass(1);
    f.control.deadlines_check().await.map_err(|e| e.into_fault()).unwrap();
    assert_eq!(f.operation(id).await.summary.state, TargetState::TimedOut);
    m.report(at, 0, StatusWord::Success, 0).await;
    assert_eq!(f.operation(id).await.summary.state, TargetState::TimedOut);
    assert!(f.operation(id).await.retry.is_none(), "it can be tried again");
}

#[tokio::test]
async fn only_a_report_about_this_goal_state_counts() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    let id = f.install(m.id, "x").await;
    let before = domain::generation::Incarnation::new(m.fetch().await.get() - 1);
    m.report(before, 0, StatusWord::Success, 0).await;
    assert_eq!(f.operation(id).await.summary.state, TargetState::Running);
    // the agent's own steps count as much as a processed goal state
    m.records(
        domain::generation::Incarnation::new(before.get() + 1),
        0,
        vec![step(StepName::Enabled, StepPhase::Done)],
    )
    .await;
    assert_eq!(f.operation(id).await.summary.state, TargetState::Succeeded);
    let steps: Vec<_> = f.operation(id).await.targets[0].target.steps.iter().map(|s| (s.name, s.phase)).collect();
    assert!(steps.contains(&(StepName::Downloaded, StepPhase::Skipped)), "{steps:?}");
    assert!(steps.contains(&(StepName::Reported, StepPhase::Done)), "{steps:?}");
}

#[tokio::test]
async fn an_agent_that_gave_up_is_final_and_explained() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let m = f.machine("web-1").await;
    let id = f.install(m.id, "x").await;
    let at = m.fetch().await;
    let report = HandlerReport {
        incarnation: None,
        version: Some("1.0.0".parse().unwrap()),
        state: "NotReady".into(),
        code: 1007,
        message: "Non-zero exit code: 52".into(),
        result: None,
        received_at: Timestamp::default(),
    };
    m.document(at, vec![(HANDLER.into(), None, report)]).await;
    let failed = f.operation(id).await;
    assert_eq!(failed.summary.state, TargetState::Failed);
    let fault = failed.targets[0].target.fault.clone().unwrap();
    assert!(fault.message.contains("install command failed") && fault.details[0].message.contains("52"), "{fault:?}");
}
