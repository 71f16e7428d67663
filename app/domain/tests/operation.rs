//! Random sequences of observations never leave the diagram of `domain::operation`.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not as it should be")]

use domain::{
    generation::{Generation, Incarnation, SequenceNumber},
    ids::{ExtensionId, OperationId, VmId},
    operation::{
        Observation, OperationKind, OperationTarget, RUN_LIMIT_MS, Request, Step, StepName, StepPhase, TargetState,
        overall_state,
    },
    status::{ExtensionResult, HandlerReport, StatusWord},
    timestamp::Timestamp,
};
use proptest::prelude::*;
use uuid::Uuid;

const INCARNATION: i64 = 5;
const SEQUENCE: i64 = 2;

fn target(kind: OperationKind) -> OperationTarget {
    OperationTarget {
        operation_id: OperationId::new(Uuid::nil()),
        kind,
        vm_id: VmId::new(Uuid::nil()),
        extension_id: (!kind.is_power()).then(|| ExtensionId::new(Uuid::nil())),
        incarnation: Incarnation::new(INCARNATION),
        sequence_number: (!kind.is_power()).then(|| SequenceNumber::new(SEQUENCE)),
        version: (!kind.is_power()).then(|| "1.0".parse().unwrap()),
        state: TargetState::Queued,
        steps: kind.expected_steps(true).iter().copied().map(Step::waiting).collect(),
        message: String::new(),
        exit_code: None,
        fault: None,
        accepted_at: Timestamp::from_millis(0),
        picked_up_at: None,
        finished_at: None,
        generation: Generation::default(),
    }
}

fn report(sequence: i64, status: StatusWord, handler_code: i64, version: &str) -> HandlerReport {
    HandlerReport {
        incarnation: None,
        version: Some(version.parse().unwrap()),
        state: if handler_code == 0 { "Ready" } else { "NotReady" }.into(),
        code: handler_code,
        message: "said".into(),
        result: Some(ExtensionResult {
            sequence_number: SequenceNumber::new(sequence),
            status,
            code: 0,
            operation: "Enable".into(),
            message: "did:\n".into(),
            substatuses: Vec::new(),
        }),
        received_at: Timestamp::default(),
    }
}

fn status() -> impl Strategy<Value = StatusWord> {
    prop_oneof![
        Just(StatusWord::Transitioning),
        Just(StatusWord::Success),
        Just(StatusWord::Warning),
        Just(StatusWord::Error)
    ]
}

fn phase() -> impl Strategy<Value = StepPhase> {
    prop_oneof![Just(StepPhase::Started), Just(StepPhase::Done), Just(StepPhase::Failed), Just(StepPhase::Skipped)]
}

fn observation() -> impl Strategy<Value = Observation> {
    let incarnation = 3..8i64;
    let name = prop::sample::select(StepName::ALL.to_vec());
    prop_oneof![
        incarnation.clone().prop_map(|i| Observation::GoalStateServed { incarnation: Incarnation::new(i) }),
        (incarnation.clone(), name.clone(), phase(), any::<u16>()).prop_map(|(i, name, phase, ms)| Observation::Step {
            incarnation: Incarnation::new(i),
            name,
            phase,
            at: Timestamp::from_millis(i64::from(ms)),
            duration_ms: (ms % 2 == 0).then_some(u64::from(ms)),
            detail: None,
        }),
        (
            prop::option::of(incarnation),
            prop::option::of((
                0..4i64,
                status(),
                prop_oneof![Just(0), Just(1009)],
                prop_oneof![Just("1.0"), Just("0.9")]
            ))
        )
            .prop_map(|(i, said)| Observation::Reported {
                incarnation: i.map(Incarnation::new),
                report: said.map(|(sequence, status, code, version)| Box::new(report(sequence, status, code, version))),
            }),
        (name, any::<bool>()).prop_map(|(step, bad)| Observation::Power { step, error: bad.then(|| "no".to_owned()) }),
        prop_oneof![Just(Request::GoalState), Just(Request::Manifest), Just(Request::Package { bytes: 2_000_000 })]
            .prop_map(Observation::Requested),
        Just(Observation::CancelRequested),
        Just(Observation::Superseded { by: OperationId::new(Uuid::nil()) }),
        Just(Observation::MachineRemoved),
        (0..RUN_LIMIT_MS * 2).prop_map(|at| Observation::Tick { at: Timestamp::from_millis(at) }),
    ]
}

/// The arrows of the diagram.
fn allowed(from: TargetState, to: TargetState) -> bool {
    use TargetState::{Canceled, Failed, Queued, Running, Succeeded, Superseded, TimedOut};
    from == to
        || matches!(
            (from, to),
            (Queued, Running | Succeeded | Failed | Canceled | Superseded) | (Running, Succeeded | Failed | TimedOut)
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_observations_stay_on_the_diagram(
        kind in prop::sample::select(OperationKind::ALL.to_vec()),
        seen in prop::collection::vec((observation(), 0..(RUN_LIMIT_MS / 3)), 0..40),
    ) {
        let mut now = Timestamp::from_millis(0);
        let mut at = target(kind);
        for (observation, wait) in seen {
            now = now.plus_millis(wait);
            let Some(next) = at.observe(&observation, now) else { continue };
            prop_assert!(at.state.is_open(), "a terminal state changed by {observation:?}");
            prop_assert!(allowed(at.state, next.state), "{:?} to {:?} by {observation:?}", at.state, next.state);
            prop_assert_eq!(next.finished_at.is_some(), !next.state.is_open());
            prop_assert_eq!(next.fault.is_some(), next.state.is_bad() && next.message != "The machine was removed.");
            prop_assert_eq!(next.observe(&observation, now).is_some() && !next.state.is_open(), false, "twice is not once");
            prop_assert!(next.steps.is_sorted_by_key(|s| s.name) || kind.is_power());
            if !next.state.is_open() {
                prop_assert!(next.steps.iter().all(|s| s.phase.is_over() || s.name == StepName::Reported), "{:?}", next.steps);
            }
            at = next;
        }
    }

    #[test]
    fn a_result_counts_only_for_its_own_number_and_version(
        sequence in 0..5i64, incarnation in 0..9i64, version in prop_oneof![Just("1.0"), Just("0.9")],
    ) {
        let running = target(OperationKind::ChangeSettings)
            .observe(&Observation::GoalStateServed { incarnation: Incarnation::new(INCARNATION) }, Timestamp::from_millis(1))
            .unwrap();
        let said = Observation::Reported {
            incarnation: Some(Incarnation::new(incarnation)),
            report: Some(Box::new(report(sequence, StatusWord::Success, 0, version))),
        };
        let counts = sequence == SEQUENCE && incarnation >= INCARNATION && version == "1.0";
        let ended = running.observe(&said, Timestamp::from_millis(2)).is_some_and(|t| t.state == TargetState::Succeeded);
        prop_assert_eq!(ended, counts);
    }

    #[test]
    fn an_operation_is_open_exactly_while_one_of_its_parts_is(states in prop::collection::vec(prop::sample::select(TargetState::ALL.to_vec()), 1..8)) {
        let overall = overall_state(states.iter().copied());
        prop_assert_eq!(overall.is_open(), states.iter().any(|s| s.is_open()));
        if !overall.is_open() {
            prop_assert_eq!(overall.is_bad(), states.iter().any(|s| s.is_bad()));
        }
    }
}

#[test]
fn only_what_has_not_begun_can_be_withdrawn() {
    let queued = target(OperationKind::Install);
    assert!(queued.cancel_allowed().is_ok());
    let served = Observation::GoalStateServed { incarnation: Incarnation::new(INCARNATION) };
    let running = queued.observe(&served, Timestamp::from_millis(1)).unwrap();
    assert!(running.cancel_allowed().unwrap_err().message.contains("begun"));
    assert_eq!(running.observe(&Observation::CancelRequested, Timestamp::from_millis(2)), None);
    let gone = queued.observe(&Observation::CancelRequested, Timestamp::from_millis(2)).unwrap();
    assert_eq!(gone.state, TargetState::Canceled);
}

#[test]
fn step_times_are_measured_where_they_happen() {
    let ms = Timestamp::from_millis;
    let step = |name, phase, duration_ms| Observation::Step {
        incarnation: Incarnation::new(INCARNATION),
        name,
        phase,
        at: ms(90_000),
        duration_ms,
        detail: None,
    };
    let mut at = target(OperationKind::ChangeSettings);
    for (seen, now) in [
        (Observation::GoalStateServed { incarnation: Incarnation::new(INCARNATION) }, 40),
        (step(StepName::PickedUp, StepPhase::Done, None), 43),
        (step(StepName::Enabled, StepPhase::Done, Some(700)), 800),
        (
            Observation::Reported {
                incarnation: Some(Incarnation::new(INCARNATION)),
                report: Some(Box::new(report(SEQUENCE, StatusWord::Success, 0, "1.0"))),
            },
            812,
        ),
    ] {
        at = at.observe(&seen, ms(now)).unwrap_or(at);
    }
    let times: Vec<_> = at.steps.iter().map(|s| (s.name, s.duration_ms)).collect();
    assert_eq!(
        times,
        [
            (StepName::Queued, Some(40)),
            (StepName::PickedUp, Some(3)),
            (StepName::Enabled, Some(700)),
            (StepName::Reported, Some(12)),
        ]
    );
    assert_eq!(at.message, "did");
}

#[test]
fn a_version_change_is_not_blamed_for_the_run_before_it() {
    let served = Observation::GoalStateServed { incarnation: Incarnation::new(INCARNATION) };
    let running = target(OperationKind::ChangeVersion).observe(&served, Timestamp::from_millis(1)).unwrap();
    let said = |version| Observation::Reported {
        incarnation: Some(Incarnation::new(INCARNATION)),
        report: Some(Box::new(report(SEQUENCE, StatusWord::Error, 0, version))),
    };
    assert_eq!(running.observe(&said("0.9"), Timestamp::from_millis(2)), None, "the old version said so");
    let ended = running.observe(&said("1.0"), Timestamp::from_millis(2)).unwrap();
    assert_eq!(ended.state, TargetState::Succeeded);
    assert!(ended.message.contains("last run still stands as failed"), "{}", ended.message);
}

#[test]
fn steps_of_an_agent_that_reports_only_results_are_derived() {
    let at = Timestamp::from_millis;
    let served = Observation::GoalStateServed { incarnation: Incarnation::new(INCARNATION) };
    let begun = |kind| {
        let picked_up = target(kind).observe(&served, at(10)).unwrap();
        picked_up.observe(&Observation::Requested(Request::GoalState), at(10)).unwrap()
    };
    let asked =
        |target: OperationTarget, request, ms| target.observe(&Observation::Requested(request), at(ms)).unwrap();
    let said = |report: HandlerReport| Observation::Reported {
        incarnation: Some(Incarnation::new(INCARNATION)),
        report: Some(Box::new(report)),
    };
    let steps = |target: &OperationTarget| {
        let told = target.steps.iter().filter(|s| s.phase != StepPhase::Skipped);
        told.map(|s| (s.name, s.phase, s.derived, s.duration_ms)).collect::<Vec<_>>()
    };

    let install =
        asked(asked(begun(OperationKind::Install), Request::Manifest, 30), Request::Package { bytes: 3_000 }, 70);
    let ended = install.observe(&said(report(SEQUENCE, StatusWord::Success, 0, "1.0")), at(4_000)).unwrap();
    use StepName::{Downloaded, Enabled, Installed, PickedUp, Queued, Reported};
    use StepPhase::{Done, Failed};
    assert_eq!(
        steps(&ended)[..5],
        [
            (Queued, Done, false, Some(10)),
            (PickedUp, Done, true, Some(20)),
            (Downloaded, Done, true, Some(40)),
            (Installed, Done, true, Some(3_930)),
            (Enabled, Done, true, Some(0)),
        ]
    );
    assert_eq!(ended.steps.iter().find(|s| s.name == Downloaded).unwrap().detail.as_deref(), Some("3 KiB"));
    assert_eq!(steps(&ended)[5].0, Reported);

    let failed = install.observe(&said(report(SEQUENCE, StatusWord::Transitioning, 1007, "1.0")), at(4_000)).unwrap();
    assert_eq!((failed.state, failed.phase_of(Installed)), (TargetState::Failed, Failed));

    let change = asked(begun(OperationKind::ChangeSettings), Request::Manifest, 30);
    let error = change.observe(&said(report(SEQUENCE, StatusWord::Error, 0, "1.0")), at(4_000)).unwrap();
    assert_eq!((error.state, error.phase_of(Enabled)), (TargetState::Failed, Failed));
    let update = asked(begun(OperationKind::ChangeVersion), Request::Manifest, 30);
    let kept = update.observe(&said(report(SEQUENCE, StatusWord::Error, 0, "1.0")), at(4_000)).unwrap();
    assert_eq!(
        (kept.state, kept.phase_of(Enabled)),
        (TargetState::Succeeded, Done),
        "the failed run was the one before"
    );
}

#[test]
fn a_result_that_overtakes_the_agents_own_steps_names_the_right_one() {
    let at = Timestamp::from_millis;
    let step = |name, phase| Observation::Step {
        incarnation: Incarnation::new(INCARNATION),
        name,
        phase,
        at: at(5),
        duration_ms: None,
        detail: None,
    };
    let verifying =
        target(OperationKind::Install).observe(&step(StepName::Verified, StepPhase::Started), at(5)).unwrap();
    let failed = verifying
        .observe(
            &Observation::Reported {
                incarnation: Some(Incarnation::new(INCARNATION)),
                report: Some(Box::new(report(SEQUENCE, StatusWord::Transitioning, 1007, "1.0"))),
            },
            at(9),
        )
        .unwrap();
    assert_eq!(failed.phase_of(StepName::Verified), StepPhase::Done);
    assert_eq!(failed.phase_of(StepName::Installed), StepPhase::Failed);
    assert!(failed.steps.iter().all(|s| !s.derived));
}
