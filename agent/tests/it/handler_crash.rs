//! `kill -9` of the agent at random points, over and over: nothing runs twice for one number, nothing is lost.
//!
//! The agent under test is this test program itself, started again to run only [`the_agent_that_is_killed`].

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use agent::handler::Wish;
use agent::journal::Journals;
use agent_protocol::{Entry, StepPhase, Stream};

use crate::handler_rig::{Manifest, NAME, PATIENCE, Rig, lives, probe, with};

const FOLDER: &str = "ANNEX_TEST_CRASH_FOLDER";

/// Applies goal states from the file `wish` (`<incarnation> <version or gone> <sequence>`) until it is killed.
#[tokio::test]
#[ignore = "a part of survives_kill_at_random_points, which starts it"]
async fn the_agent_that_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let mut rig = Rig::at(folder.into());
    for version in ["1.0.0", "1.1.0"] {
        rig.shelve(version, rig.folder.join("packages").join(format!("{version}.zip")));
    }
    rig.start();
    loop {
        let wish = fs::read_to_string(rig.folder.join("wish")).unwrap();
        let mut words = wish.split_whitespace();
        let incarnation: u64 = words.next().unwrap().parse().unwrap();
        let (version, sequence) = (words.next().unwrap(), words.next().unwrap().parse().unwrap());
        let wanted = if version == "gone" {
            with(Wish::Uninstalled, probe("1.0.0", sequence))
        } else {
            probe(version, sequence)
        };
        rig.apply_as(incarnation, vec![wanted]);
        let snapshot = rig.snapshot();
        let reached = snapshot.settled
            && snapshot.goal_state.is_some_and(|state| state.in_svd_seq_no == incarnation.to_string())
            && match snapshot.handlers.first() {
                Some(handler) => handler.status == "Ready" && version != "gone",
                None => version == "gone",
            };
        if reached {
            fs::write(rig.folder.join("reached"), incarnation.to_string()).unwrap();
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// A wish is read as a whole, whenever.
fn wish(rig: &Rig, text: &str) {
    fs::write(rig.folder.join("wish.new"), text).unwrap();
    fs::rename(rig.folder.join("wish.new"), rig.folder.join("wish")).unwrap();
}

/// Starts the agent and kills it after `life` at the latest; whether the goal state was reached before.
fn live(rig: &Rig, incarnation: u64, life: Duration) -> bool {
    let mut child = agent(rig);
    let kill_at = Instant::now() + life;
    let is_reached =
        || fs::read_to_string(rig.folder.join("reached")).is_ok_and(|text| text == incarnation.to_string());
    let mut reached = is_reached();
    while !reached && Instant::now() < kill_at {
        std::thread::sleep(Duration::from_millis(1));
        reached = is_reached();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    reached
}

/// Waits until no command of a killed agent runs any more.
fn quiet(rig: &Rig) {
    let Ok(tickets) = fs::read_dir(rig.places.tickets(NAME)) else { return };
    for pid in tickets.flatten().filter_map(|entry| fs::read_to_string(entry.path().join("pid")).ok()) {
        let deadline = Instant::now() + PATIENCE;
        while lives(&pid) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Numbers below a limit; `ANNEX_CRASH_SEED` repeats a run as far as time lets it.
fn random() -> impl FnMut(u64) -> u64 {
    let clock = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    let mut state = std::env::var("ANNEX_CRASH_SEED").map_or_else(|_| clock(), |text| text.parse().unwrap()) | 1;
    println!("seed {state}");
    move |limit| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % limit
    }
}

/// How often goal states change; `ANNEX_CRASH_ROUNDS` makes a longer test.
fn rounds(usually: u64) -> u64 {
    std::env::var("ANNEX_CRASH_ROUNDS").map_or(usually, |text| text.parse().unwrap())
}

/// Goal states come and go at random, most before the one before is reached, while the agent is killed all the time.
/// No two commands ever run at once, none is cut off, and the last goal state is reached.
#[test]
fn random_goal_states_and_kills_end_in_the_last_one() {
    let rig = Rig::new();
    for version in ["1.0.0", "1.1.0"] {
        rig.publish(version, Manifest::default());
    }
    for command in ["install", "enable", "update", "disable", "uninstall"] {
        rig.script_does(
            command,
            "mkdir \"$control/busy\" || echo \"$1 $version $seq\" >> \"$control/overlaps\"
             sleep 0.01; rmdir \"$control/busy\"; echo end >> \"$control/ends\"",
        );
    }
    let mut below = random();
    let rounds = rounds(25);
    for incarnation in 1..=rounds {
        let version = ["1.0.0", "1.1.0", "gone"][below(3) as usize];
        wish(&rig, &format!("{incarnation} {version} {incarnation}"));
        live(&rig, incarnation, Duration::from_millis(20 + below(200)));
    }
    let last = rounds + 1;
    wish(&rig, &format!("{last} 1.1.0 {last}"));
    assert!(live(&rig, last, PATIENCE), "the last goal state is not reached: {:?}", rig.calls());
    quiet(&rig);
    let control = |name: &str| fs::read_to_string(rig.folder.join("control").join(name)).unwrap_or_default();
    println!("{} commands", rig.calls().len());
    assert_eq!(control("overlaps"), "", "two commands at once");
    assert_eq!(control("ends").lines().count(), rig.calls().len(), "a command was cut off");
    assert_eq!(rig.calls().last().unwrap(), &format!("enable 1.1.0 {last}"));
    assert!(rig.home("1.1.0").join(format!("status/{last}.status")).exists() && !rig.home("1.0.0").exists());
}

fn agent(rig: &Rig) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "handler_crash::the_agent_that_is_killed", "--ignored", "--nocapture"])
        .env(FOLDER, &rig.folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn survives_kill_at_random_points() {
    let rig = Rig::new();
    for version in ["1.0.0", "1.1.0"] {
        rig.publish(version, Manifest::default());
    }
    // Every command takes a moment, so that kills hit commands as well as the time between them; enable does its work
    // once per number, as handlers do, and the count of that is what must be right.
    for command in ["install", "update", "disable", "uninstall"] {
        rig.script_does(command, "sleep 0.02; echo \"$1 $version $seq end\" >> \"$control/ends\"");
    }
    rig.script_does(
        "enable",
        "if [ \"$(cat mrseq 2>/dev/null)\" = $seq ]; then no_status=1; else
           echo $seq > mrseq; echo $seq >> \"$control/worked\"
           echo \"number $seq a\"; sleep 0.02; echo \"number $seq b\" >> output/$seq.stdout; fi",
    );
    let mut below = random();
    let (mut kills, mut expected_installs) = (0, 0);
    let rounds = rounds(12);
    for round in 1..=rounds {
        // Every third goal state changes the version, the others the settings.
        let version = if round % 6 < 3 { "1.0.0" } else { "1.1.0" };
        expected_installs += u64::from(round == 1 || round % 3 == 0);
        wish(&rig, &format!("{round} {version} {}", round - round / 3));
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "round {round} is not reached: {:?}", rig.calls());
            kills += 1;
            if live(&rig, round, Duration::from_millis(5 + below(250))) {
                break;
            }
        }
    }
    quiet(&rig);

    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for call in rig.calls() {
        *counts.entry(call.split(' ').next().unwrap().to_owned()).or_default() += 1;
    }
    println!("{kills} kills, commands: {counts:?}, expected installs: {expected_installs}");
    assert!(kills > rounds, "no kill hit anything");
    assert_eq!(counts["install"], expected_installs, "{:?}", rig.calls());
    for command in ["update", "disable", "uninstall"] {
        assert_eq!(counts[command], expected_installs - 1, "{command}: {:?}", rig.calls());
    }
    let worked = fs::read_to_string(rig.folder.join("control/worked")).unwrap();
    let numbers: Vec<u64> = (1..=rounds).map(|round| round - round / 3).collect();
    let mut expected = numbers.clone();
    expected.dedup();
    let worked: Vec<u64> = worked.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(worked, expected, "each number did its work once, none is lost");
    let ends = fs::read_to_string(rig.folder.join("control/ends")).unwrap();
    assert_eq!(ends.lines().count() as u64, 4 * expected_installs - 3, "no command was cut off");
    check_journals(&rig, rounds);
}

/// Every run tells each step once and in order, and every line that was printed once.
fn check_journals(rig: &Rig, rounds: u64) {
    let journals = Journals::open(&rig.folder.join("journal")).unwrap();
    let mut lines = BTreeMap::<String, u64>::new();
    let runs = journals.pending(64 << 20);
    for run in &runs {
        let numbers: Vec<u64> = run.records.iter().map(|record| record.n).collect();
        assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
        let mut steps = BTreeMap::<String, Vec<StepPhase>>::new();
        for record in &run.records {
            match &record.entry {
                Entry::Step(step) => steps.entry(format!("{:?}", step.name)).or_default().push(step.phase),
                Entry::Line(line) if line.stream == Stream::Stdout => *lines.entry(line.text.clone()).or_default() += 1,
                _ => {}
            }
        }
        assert_eq!(steps.remove("PickedUp"), Some(vec![StepPhase::Done]), "{:#?}", run);
        for (name, phases) in steps {
            // A download or an unpacking that was cut off begins again; a command never does.
            let expected: &[StepPhase] = &[StepPhase::Started, StepPhase::Done];
            let fetch = matches!(name.as_str(), "Downloaded" | "Verified");
            assert!(phases.ends_with(expected) && (fetch || phases.len() == 2), "{name}: {phases:?} in {run:#?}");
        }
    }
    assert_eq!(runs.len() as u64, rounds, "one run for each goal state");
    let doubled: Vec<_> = lines.iter().filter(|(_, count)| **count != 1).collect();
    assert!(doubled.is_empty(), "{doubled:?}");
    let mut expected: Vec<u64> = (1..=rounds).map(|round| round - round / 3).collect();
    expected.dedup();
    assert_eq!(lines.len(), 2 * expected.len(), "{lines:?}");
}
