//! What commands and scripts print becomes lines of the run while they run.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

/// Not a benchmark, but a net under it: what is printed is measured up to a program that the handler's script starts.
#[tokio::test]
async fn goal_state_to_handler_takes_milliseconds() {
    let mut rig = Rig::started();
    rig.script_does("enable", "date +%s%N > \"$control/at\"");
    rig.go(vec![probe("1.0.0", 0)]).await;
    let mut all = Vec::new();
    for sequence in 1..=40 {
        let begun = SystemTime::now();
        let number = rig.apply(vec![probe("1.0.0", sequence)]);
        rig.settled(number).await;
        rig.until("the run is over", |rig| rig.has_step(number, StepName::Enabled, StepPhase::Done)).await;
        let at: u64 = std::fs::read_to_string(rig.folder.join("control/at")).unwrap().trim().parse().unwrap();
        all.push((UNIX_EPOCH + Duration::from_nanos(at)).duration_since(begun).unwrap());
    }
    all.sort_unstable();
    println!("goal state in hand to the handler's script at work: best {:?}, median {:?}", all[0], all[20]);
    assert!(all[0] < Duration::from_millis(100), "{all:?}");
}
