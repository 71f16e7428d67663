//! What commands and scripts print becomes lines of the run while they run.

use std::time::{Duration, Instant};

use agent_protocol::{StepName, StepPhase};

use crate::handler_rig::{NAME, Rig, probe};

#[tokio::test]
async fn lines_arrive_while_a_detached_script_runs() {
    let mut rig = Rig::started();
    rig.script_does(
        "enable",
        r#"no_status=1; echo from enable
        ( echo one; echo two >&2; printf part
          while [ ! -e "$control/go" ]; do sleep 0.01; done
          echo ial; echo last; write_status success 0 done ) > output/$seq.stdout 2> output/$seq.stderr &"#,
    );
    let number = rig.go(vec![probe("1.0.0", 5)]).await;
    rig.until("the first lines are there", |rig| {
        let lines = rig.lines(number, NAME);
        ["stdout from enable", "stdout one", "stderr two"].iter().all(|line| lines.contains(&(*line).to_owned()))
    })
    .await;
    rig.until("a partial line is told", |rig| rig.lines(number, NAME).contains(&"stdout part".to_owned())).await;
    assert!(!rig.has_step(number, StepName::Enabled, StepPhase::Done));
    std::fs::write(rig.folder.join("control/go"), "").unwrap();
    rig.until("the run is over", |rig| rig.has_step(number, StepName::Enabled, StepPhase::Done)).await;
    let lines = rig.lines(number, NAME);
    let stdout: Vec<_> = lines.iter().filter(|line| line.starts_with("stdout") && !line.contains("enable")).collect();
    assert_eq!(stdout, ["stdout one", "stdout part", "stdout ial", "stdout last"]);
    let records = rig.records(number, NAME);
    assert!(
        matches!(&records.last().unwrap().entry, agent_protocol::Entry::Step(step) if step.name == StepName::Enabled)
    );
}

#[tokio::test]
async fn a_second_attempt_under_the_same_number_tells_only_its_own_lines() {
    let mut rig = Rig::started();
    rig.script_does("enable", "echo first > output/$seq.stdout; exit 1");
    rig.go(vec![probe("1.0.0", 0)]).await;
    rig.script_does("enable", "echo second >> output/$seq.stdout");
    let number = rig.go(vec![probe("1.0.0", 0)]).await;
    rig.until("the run is over", |rig| rig.has_step(number, StepName::Enabled, StepPhase::Done)).await;
    assert_eq!(rig.lines(number, NAME), ["stdout second"]);
}

/// Not a benchmark, but a net under it: a loaded machine needs well under a tenth of this.
#[tokio::test]
async fn goal_state_to_enable_takes_milliseconds() {
    let mut rig = Rig::started();
    rig.go(vec![probe("1.0.0", 0)]).await;
    let mut best = Duration::MAX;
    for sequence in 1..=20 {
        let begun = Instant::now();
        let number = rig.apply(vec![probe("1.0.0", sequence)]);
        let ticket = rig.places.state.join("commands").join(NAME);
        // The shell around the command has written its process id: it was exec'd.
        let started = || {
            std::fs::read_dir(&ticket)
                .into_iter()
                .flatten()
                .flatten()
                .any(|entry| std::fs::read(entry.path().join("pid")).is_ok_and(|pid| !pid.is_empty()))
        };
        while !started() {
            assert!(begun.elapsed() < Duration::from_secs(10));
            tokio::task::yield_now().await;
        }
        best = best.min(begun.elapsed());
        rig.settled(number).await;
        rig.until("the run is over", |rig| rig.has_step(number, StepName::Enabled, StepPhase::Done)).await;
    }
    println!("goal state in hand to the shell around enable running: best of 20: {best:?}");
    assert!(best < Duration::from_millis(100), "{best:?}");
}
