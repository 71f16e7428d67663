//! A restart at every step changes nothing, and the same observation twice is the same as once.

use domain::{
    operation::{StepName, StepPhase, TargetState},
    status::StatusWord,
};

use crate::fixture::{Fixture, Machine, line, step};

/// What a machine does in one run, in pieces between which the server may be replaced.
async fn piece(m: &Machine, number: usize, at: domain::generation::Incarnation) {
    let records = [
        step(StepName::PickedUp, StepPhase::Done),
        step(StepName::Downloaded, StepPhase::Done),
        step(StepName::Verified, StepPhase::Done),
        step(StepName::Installed, StepPhase::Done),
        step(StepName::Enabled, StepPhase::Started),
        line("working"),
    ];
    match number {
        0 => {
            m.fetch().await;
        }
        n if n <= records.len() => {
            m.records(at, (n - 1) as u64, vec![records[n - 1].clone()]).await;
        }
        7 => m.report(at, 0, StatusWord::Transitioning, 0).await,
        8 => {
            m.records(at, 6, vec![step(StepName::Enabled, StepPhase::Done)]).await;
        }
        _ => m.report(at, 0, StatusWord::Success, 0).await,
    }
}

#[tokio::test]
async fn a_restart_between_any_two_pieces_changes_nothing() {
    let mut ends = Vec::new();
    for restart_before in 0..=10 {
        let mut f = Fixture::new().await;
        f.publish("1.0.0").await;
        let mut m = f.machine("web-1").await;
        let id = f.install(m.id, "x").await;
        let at = f.control.goal_state_current(m.id).await.map_err(|e| e.into_fault()).unwrap();
        for number in 0..10 {
            if number == restart_before {
                f = f.again().await;
                m.control = f.control.clone();
            }
            piece(&m, number, at).await;
            piece(&m, number, at).await; // the agent did not hear the answer, and says it again
        }
        let end = f.operation(id).await;
        assert_eq!(end.summary.state, TargetState::Succeeded, "restart before piece {restart_before}");
        ends.push(end.targets[0].target.steps.clone());
    }
    assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "the steps differ: {ends:#?}");
}
