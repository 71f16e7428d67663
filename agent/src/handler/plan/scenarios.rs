//! The orders of wire-protocol 5.4 and extension-model 4.5, as tables, and properties over random interruptions.

use proptest::prelude::*;

use crate::handler::record::{HandlerState, Outcome, Record, Traits};
use crate::handler::{Version, WantedExtension, WantedHandler, Wish, codes};

use super::{Cause, End, Focus, Reason, Step, after, begin, next};

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn wanted(at: &str, wish: Wish, extensions: &[(&str, u64)]) -> WantedHandler {
    WantedHandler {
        name: "Test.Probe".into(),
        version: version(at),
        wish,
        multi: extensions.iter().any(|(key, _)| !key.is_empty()),
        locations: Vec::new(),
        extensions: extensions
            .iter()
            .map(|(key, sequence)| WantedExtension {
                key: (*key).into(),
                name: (*key).into(),
                sequence: *sequence,
                settings: Some("{}".into()),
                enabled: true,
                level: 0,
            })
            .collect(),
        fault: None,
    }
}

fn short(step: &Step) -> String {
    let multi = |extension: &str| if extension.is_empty() { String::new() } else { format!(":{extension}") };
    match step {
        Step::Fetch { version } => format!("fetch {version}"),
        Step::Disable { version, extension, .. } => format!("disable {version}{}", multi(extension)),
        Step::CarryOver { from, to } => format!("carry {from}>{to}"),
        Step::Update { run_by, from, to } => format!("update {run_by} {from}>{to}"),
        Step::Uninstall { version, .. } => format!("uninstall {version}"),
        Step::Remove { version } => format!("remove {version}"),
        Step::Install { version } => format!("install {version}"),
        Step::SkipInstall { version } => format!("skip {version}"),
        Step::Enable { version, extension } => format!("enable {version}{}", multi(extension)),
        Step::Forget { extension } => format!("forget{}", multi(extension)),
    }
}

/// Runs the plan to its end; steps whose short form is in `failing` fail.
fn run(record: &mut Record, wanted: &WantedHandler, cause: Cause, traits: Traits, failing: &[&str]) -> Vec<String> {
    let mut done = Vec::new();
    if !begin(record, wanted, &wanted.version, 1, cause).work {
        return done;
    }
    while let (Outcome::Pending, Some(step)) = (&record.outcome, next(record, wanted, Focus::All)) {
        assert!(done.len() < 100, "endless: {done:?}");
        let end = match &step {
            step if failing.contains(&short(step).as_str()) => End::Exit { code: 3, message: "broken".into() },
            Step::Fetch { .. } => End::Fetched(traits),
            _ => End::ok(),
        };
        after(record, &step, &end);
        done.push(short(&step));
    }
    if record.outcome == Outcome::Pending {
        record.outcome = Outcome::Done;
    }
    done
}

const PLAIN: Traits =
    Traits { multi: false, update_without_install: false, continue_on_update_failure: false, heartbeat: false };

fn installed(at: &str, extensions: &[(&str, u64)]) -> Record {
    let mut record = Record::new("Test.Probe");
    run(&mut record, &wanted(at, Wish::Enabled, extensions), Cause::GoalState, PLAIN, &[]);
    record
}

#[test]
fn install_then_nothing_then_new_settings() {
    let mut record = Record::new("Test.Probe");
    let want = wanted("1.0", Wish::Enabled, &[("", 0)]);
    assert_eq!(run(&mut record, &want, Cause::GoalState, PLAIN, &[]), ["fetch 1.0", "install 1.0", "enable 1.0"]);
    assert_eq!(record.state(&version("1.0")), Some(HandlerState::Enabled));
    assert!(run(&mut record, &want, Cause::GoalState, PLAIN, &[]).is_empty());
    let want = wanted("1.0", Wish::Enabled, &[("", 1)]);
    assert_eq!(run(&mut record, &want, Cause::GoalState, PLAIN, &[]), ["enable 1.0"]);
    assert_eq!(run(&mut record, &want, Cause::AgentRestart, PLAIN, &[]), ["enable 1.0"]);
    assert_eq!(run(&mut record, &want, Cause::Reboot, PLAIN, &[]), ["enable 1.0"]);
}

#[test]
fn update_and_downgrade_orders() {
    let mut record = installed("1.0", &[("", 0)]);
    let up = wanted("1.1", Wish::Enabled, &[("", 0)]);
    assert_eq!(
        run(&mut record, &up, Cause::GoalState, PLAIN, &[]),
        [
            "fetch 1.1",
            "disable 1.0",
            "carry 1.0>1.1",
            "update 1.1 1.0>1.1",
            "uninstall 1.0",
            "remove 1.0",
            "install 1.1",
            "enable 1.1"
        ]
    );
    assert_eq!(record.update, None);
    let down = wanted("1.0", Wish::Enabled, &[("", 0)]);
    assert_eq!(
        run(&mut record, &down, Cause::GoalState, Traits { update_without_install: true, ..PLAIN }, &[]),
        [
            "fetch 1.0",
            "disable 1.1",
            "carry 1.1>1.0",
            "update 1.1 1.1>1.0",
            "uninstall 1.1",
            "remove 1.1",
            "skip 1.0",
            "enable 1.0"
        ]
    );
}

#[test]
fn failed_update_is_repeated_without_a_second_disable() {
    let mut record = installed("1.0", &[("", 0)]);
    let up = wanted("1.1", Wish::Enabled, &[("", 0)]);
    run(&mut record, &up, Cause::GoalState, PLAIN, &["update 1.1 1.0>1.1"]);
    assert_eq!(record.failure().map(|failure| failure.code), Some(codes::UPDATE));
    assert_eq!(record.state(&version("1.1")), Some(HandlerState::FailedUpgrade));
    assert_eq!(
        run(&mut record, &up, Cause::GoalState, PLAIN, &[]),
        ["fetch 1.1", "update 1.1 1.0>1.1", "uninstall 1.0", "remove 1.0", "install 1.1", "enable 1.1"]
    );
}

#[test]
fn old_commands_may_fail_when_the_new_version_says_so() {
    for failing in ["disable 1.0", "uninstall 1.0"] {
        let up = wanted("1.1", Wish::Enabled, &[("", 0)]);
        let mut strict = installed("1.0", &[("", 0)]);
        run(&mut strict, &up, Cause::GoalState, PLAIN, &[failing]);
        assert_eq!(strict.failure().map(|failure| failure.code), Some(codes::UPDATE), "{failing}");
        let mut lenient = installed("1.0", &[("", 0)]);
        let traits = Traits { continue_on_update_failure: true, ..PLAIN };
        let steps = run(&mut lenient, &up, Cause::GoalState, traits, &[failing]);
        assert_eq!(steps.last().map(String::as_str), Some("enable 1.1"), "{failing}");
    }
}

#[test]
fn failed_install_fetches_again_and_not_by_itself() {
    let mut record = Record::new("Test.Probe");
    let want = wanted("1.0", Wish::Enabled, &[("", 0)]);
    assert_eq!(run(&mut record, &want, Cause::GoalState, PLAIN, &["install 1.0"]), ["fetch 1.0", "install 1.0"]);
    assert_eq!(record.failure().map(|failure| failure.code), Some(codes::INSTALL));
    assert_eq!(run(&mut record, &want, Cause::GoalState, PLAIN, &[]), ["fetch 1.0", "install 1.0", "enable 1.0"]);
}

#[test]
fn disable_enable_and_removal() {
    let mut record = installed("1.0", &[("", 0)]);
    let off = wanted("1.0", Wish::Disabled, &[("", 0)]);
    assert_eq!(run(&mut record, &off, Cause::GoalState, PLAIN, &[]), ["disable 1.0"]);
    assert!(run(&mut record, &off, Cause::AgentRestart, PLAIN, &[]).is_empty());
    let on = wanted("1.0", Wish::Enabled, &[("", 0)]);
    assert_eq!(run(&mut record, &on, Cause::GoalState, PLAIN, &[]), ["enable 1.0"]);
    let gone = wanted("1.0", Wish::Uninstalled, &[]);
    assert_eq!(run(&mut record, &gone, Cause::GoalState, PLAIN, &["disable 1.0"]), ["disable 1.0"]);
    assert_eq!(record.failure().map(|failure| failure.code), Some(codes::DISABLE));
    assert_eq!(
        run(&mut record, &gone, Cause::GoalState, PLAIN, &["uninstall 1.0"]),
        ["disable 1.0", "uninstall 1.0", "remove 1.0"]
    );
    assert!(record.versions.is_empty());
}

#[test]
fn instances_of_a_multi_config_handler() {
    let mut record = installed("1.0", &[("a", 0), ("b", 0)]);
    let mut want = wanted("1.0", Wish::Enabled, &[("a", 0), ("b", 1), ("c", 0)]);
    want.extensions[0].enabled = false;
    assert_eq!(
        run(&mut record, &want, Cause::GoalState, PLAIN, &["disable 1.0:a", "enable 1.0:b"]),
        ["disable 1.0:a", "forget:a", "enable 1.0:b", "enable 1.0:c"]
    );
    assert_eq!(record.outcome, Outcome::Done, "one broken instance does not fail the handler");
    assert_eq!(record.extensions["b"].failure.as_ref().map(|failure| failure.code), Some(codes::ENABLE));
    let want = wanted("1.0", Wish::Enabled, &[("b", 1), ("c", 0)]);
    assert_eq!(run(&mut record, &want, Cause::GoalState, PLAIN, &[]), ["enable 1.0:b"], "only what failed");
}

#[test]
fn a_third_version_may_come_in_the_middle_of_an_update() {
    let mut record = installed("1.0", &[("", 0)]);
    let middle = wanted("1.1", Wish::Enabled, &[("", 0)]);
    begin(&mut record, &middle, &middle.version, 2, Cause::GoalState);
    for _ in 0..6 {
        let step = next(&record, &middle, Focus::All).expect("a step");
        let end = if matches!(step, Step::Fetch { .. }) { End::Fetched(PLAIN) } else { End::ok() };
        after(&mut record, &step, &end);
    }
    assert_eq!(record.current(), None, "the old version is gone, the new one is not installed");
    let last = wanted("1.2", Wish::Enabled, &[("", 0)]);
    assert_eq!(
        run(&mut record, &last, Cause::GoalState, PLAIN, &[]),
        ["fetch 1.2", "carry 1.1>1.2", "remove 1.1", "install 1.2", "enable 1.2"]
    );
}

proptest! {
    /// Whatever goal states come, whenever they interrupt each other and whichever commands fail: a plan ends, the last
    /// goal state is fulfilled once nothing fails any more, at most one version is left, install never runs on an
    /// installed version, and enable never on one that is not.
    #[test]
    fn the_last_goal_state_wins(
        steps in prop::collection::vec((0usize..3, 0usize..3, 0u64..3, 0usize..12, any::<u8>(), 0usize..3), 1..12),
        update_without_install: bool,
        continue_on_update_failure: bool,
    ) {
        let traits = Traits { update_without_install, continue_on_update_failure, ..PLAIN };
        let mut record = Record::new("Test.Probe");
        let wishes = [Wish::Enabled, Wish::Disabled, Wish::Uninstalled];
        let causes = [Cause::GoalState, Cause::AgentRestart, Cause::Reboot];
        let mut last = None;
        for (incarnation, (at, wish, sequence, budget, fails, cause)) in steps.into_iter().enumerate() {
            let want = wanted(["1.0", "1.1", "2.0"][at], wishes[wish], &[("", sequence)]);
            last = Some(want.clone());
            if !begin(&mut record, &want, &want.version, incarnation as u64, causes[cause]).work {
                continue;
            }
            for n in 0..budget {
                let (Outcome::Pending, Some(step)) = (&record.outcome, next(&record, &want, Focus::All)) else { break };
                if let Step::Install { version } = &step {
                    prop_assert_eq!(record.state(version), Some(HandlerState::NotInstalled));
                    prop_assert_eq!(record.versions.len(), 1);
                }
                if let Step::Disable { reason, .. } = &step {
                    prop_assert!(*reason != Reason::Delete);
                }
                let end = match &step {
                    _ if fails & (1 << (n % 8)) != 0 => End::Exit { code: 1, message: String::new() },
                    Step::Fetch { .. } => End::Fetched(traits),
                    _ => End::ok(),
                };
                after(&mut record, &step, &end);
            }
        }
        let want = last.expect("at least one");
        run(&mut record, &want, Cause::GoalState, traits, &[]);
        prop_assert_eq!(&record.outcome, &Outcome::Done);
        match want.wish {
            Wish::Uninstalled => prop_assert!(record.versions.is_empty()),
            Wish::Disabled => prop_assert!(record.extensions.values().all(|extension| !extension.enabled)),
            Wish::Enabled => {
                prop_assert_eq!(record.versions.keys().collect::<Vec<_>>(), vec![&want.version]);
                prop_assert_eq!(record.state(&want.version), Some(HandlerState::Enabled));
                prop_assert!(record.extensions[""].enabled && !record.extensions[""].due);
            }
        }
    }
}
