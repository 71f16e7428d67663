//! The real `annex-agent` process: enrolled, run, killed at random, stopped.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use agent_protocol::{Entry, StatusLevel, StepName, StepPhase, Stream};
use serde_json::json;

use crate::package;
use crate::portal::{HANDLER, Portal};

fn command(root: &Path) -> Command {
    // the program as it is shipped can be tested, too
    let program = std::env::var("ANNEX_TEST_AGENT").unwrap_or(env!("CARGO_BIN_EXE_annex-agent").to_owned());
    let mut command = Command::new(program);
    command
        .arg("--config=/dev/null")
        .arg(format!("--state-dir={}", root.join("state").display()))
        .arg(format!("--library-dir={}", root.join("library").display()))
        .arg(format!("--log-dir={}", root.join("logs").display()))
        .arg("--log-level=warn")
        .env_remove("ANNEX_AGENT_SERVER");
    command
}

fn enrol(root: &Path, arguments: &[&str]) -> Output {
    command(root).arg("enrol").args(arguments).output().unwrap()
}

/// The agent's process; killed when dropped.
struct Running(Child);

impl Running {
    fn start(root: &Path) -> Self {
        let output = if std::env::var_os("ANNEX_TEST_SHOW").is_some() { Stdio::inherit() } else { Stdio::null() };
        Self(command(root).arg("run").stderr(output).spawn().unwrap())
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server, a folder, and an enrolled machine called `m`.
async fn enrolled() -> (tempfile::TempDir, Portal) {
    let mut dir = tempfile::tempdir().unwrap();
    dir.disable_cleanup(std::env::var_os("ANNEX_TEST_SHOW").is_some());
    let portal = Portal::start(dir.path().join("socket"));
    let token = portal.token("t");
    portal.state().packages.insert("1.0.0".into(), package::probe(&dir.path().join("count")));
    let (root, address) = (dir.path().to_owned(), portal.address());
    let output = tokio::task::spawn_blocking(move || enrol(&root, &[&address, &token, "--name", "m"])).await.unwrap();
    assert!(output.status.success(), "{output:?}");
    (dir, portal)
}

fn lines(records: &[agent_protocol::Record]) -> Vec<String> {
    let mut lines = vec![String::new()];
    for record in records {
        if let Entry::Line(line) = &record.entry
            && line.stream == Stream::Stdout
        {
            lines.last_mut().unwrap().push_str(&line.text);
            if !line.partial {
                lines.push(String::new());
            }
        }
    }
    lines.pop();
    lines
}

fn phase(records: &[agent_protocol::Record], name: StepName) -> Option<StepPhase> {
    records.iter().rev().find_map(|record| match &record.entry {
        Entry::Step(step) if step.name == name => Some(step.phase),
        _ => None,
    })
}

#[tokio::test]
async fn enrolment_is_for_the_owners_eyes_and_works_once() {
    let (dir, portal) = enrolled().await;
    let state = dir.path().join("state");
    for file in ["credential.json", "machine.key", "machine.crt"] {
        let mode = std::fs::metadata(state.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let request = portal.state().machines["m"].enrolled.clone().unwrap();
    assert_eq!(request.architecture, std::env::consts::ARCH);
    let endings: Vec<_> = std::fs::read_dir(dir.path().join("library"))
        .unwrap()
        .map(|entry| entry.unwrap().path().extension().unwrap_or_default().to_string_lossy().into_owned())
        .collect();
    assert!(endings.contains(&"crt".to_owned()) && endings.contains(&"prv".to_owned()), "{endings:?}");

    let (root, address) = (dir.path().to_owned(), portal.address());
    let (again, used) = tokio::task::spawn_blocking(move || {
        (enrol(&root, &[&address, "t2"]), enrol(&root, &[&address, "t", "--again"]))
    })
    .await
    .unwrap();
    let text = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!again.status.success() && text(&again).contains("enrolled as m"), "{}", text(&again));
    assert!(!used.status.success() && text(&used).contains("used up"), "{}", text(&used));
    assert!(text(&used).lines().count() == 1, "one clear line: {}", text(&used));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_package_is_installed_and_its_lines_arrive_while_it_runs() {
    let (dir, portal) = enrolled().await;
    let agent = Running::start(dir.path());
    let incarnation = portal.want("m", "1.0.0", 0, json!({"lines": 60}));
    let early = portal
        .until("the first lines", |state| {
            let records = state.machines["m"].records.values().next()?;
            (lines(records).len() >= 3).then(|| lines(records).len())
        })
        .await;
    assert!(early < 60, "lines are streamed, not sent at the end");
    let status = portal.until_final("m", 0).await;
    assert_eq!(status.status, StatusLevel::Success);
    portal
        .until("the end of the run", |state| {
            let records = state.machines["m"].records.values().next()?;
            (phase(records, StepName::Enabled)? == StepPhase::Done).then_some(())
        })
        .await;
    let records = portal.run("m", incarnation);
    assert_eq!(lines(&records), (0..60).map(|n| format!("line {n}")).collect::<Vec<_>>());
    for name in [StepName::PickedUp, StepName::Downloaded, StepName::Verified, StepName::Installed] {
        assert_eq!(phase(&records, name), Some(StepPhase::Done), "{name:?}");
    }

    // a failure, with the next number
    portal.want("m", "1.0.0", 1, json!({"lines": 1, "code": 3}));
    let status = portal.until_final("m", 1).await;
    assert_eq!((status.status, status.code), (StatusLevel::Error, 3));

    // removal: the handler is gone from the report
    portal.change("m", |machine| machine.plugins[0].0.state = agent_protocol::RequestedState::Uninstall);
    portal
        .until("the removal", |state| {
            let status = state.machines["m"].status.as_ref()?;
            status.aggregate_status.handler_aggregate_status.is_empty().then_some(())
        })
        .await;
    assert!(!dir.path().join("library").join(format!("{HANDLER}-1.0.0")).exists());
    drop(agent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_package_that_was_not_signed_is_not_run() {
    let (dir, portal) = enrolled().await;
    portal.state().tampered = true;
    let _agent = Running::start(dir.path());
    portal.want("m", "1.0.0", 0, json!({}));
    let message = portal
        .until("the refusal", |state| {
            let document = state.machines["m"].status.as_ref()?;
            let handler = document.aggregate_status.handler_aggregate_status.first()?;
            (handler.code != 0).then(|| handler.formatted_message.message.clone())
        })
        .await;
    assert!(message.contains("SHA-256"), "{message}");
    assert!(!dir.path().join("count").exists(), "nothing ran");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_nothing_is_lost_and_nothing_runs_twice() {
    let (dir, mut portal) = enrolled().await;
    let mut incarnations = Vec::new();
    for sequence in 0..6u64 {
        let mut agent = Running::start(dir.path());
        incarnations.push(portal.want("m", "1.0.0", sequence, json!({"lines": 30})));
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(fastrand::u64(5..400))).await; // where the kill hits is the point
            if fastrand::bool() {
                agent.kill();
                agent = Running::start(dir.path());
            } else {
                portal.stop();
                portal.state().lose_answers = fastrand::usize(..3);
                portal.resume();
            }
        }
        portal.until_final("m", sequence).await;
        agent.kill();
    }
    let agent = Running::start(dir.path());
    let wanted: Vec<_> = (0..30).map(|n| format!("line {n}")).collect();
    for incarnation in &incarnations {
        portal
            .until("every record", |state| {
                let key = portal.key_of(*incarnation);
                let records = state.machines["m"].records.get(&key)?;
                (lines(records) == wanted).then_some(())
            })
            .await;
    }
    drop(agent);
    let count = std::fs::read_to_string(dir.path().join("count")).unwrap();
    let expected: String = (0..6).map(|n| format!("ran {n}\n")).collect();
    assert_eq!(count, expected, "each number ran exactly once");
}

fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_stops_when_asked_and_only_one_runs() {
    let (dir, portal) = enrolled().await;
    let mut agent = Running::start(dir.path());
    portal.until("a report", |state| (state.machines["m"].reports > 0).then_some(())).await;
    let root = dir.path().to_owned();
    let second = tokio::task::spawn_blocking(move || command(&root).arg("run").output().unwrap()).await.unwrap();
    assert!(String::from_utf8_lossy(&second.stderr).contains("another annex-agent"), "{second:?}");
    let root = dir.path().to_owned();
    let status = tokio::task::spawn_blocking(move || command(&root).arg("status").output().unwrap()).await.unwrap();
    let page = String::from_utf8(status.stdout).unwrap();
    assert!(page.contains("running, process") && page.contains("goal state 1"), "{page}");

    let memory = resident_kib(agent.0.id());
    println!("resident memory: {memory} KiB");
    if std::env::var_os("ANNEX_TEST_AGENT").is_some() {
        assert!(memory <= 12 * 1024, "{memory} KiB when idle");
    }

    let asked = Instant::now();
    let pid = rustix::process::Pid::from_child(&agent.0);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let exit = tokio::task::spawn_blocking(move || agent.0.wait().unwrap()).await.unwrap();
    assert!(exit.success() && asked.elapsed() < Duration::from_secs(3), "{exit:?} after {:?}", asked.elapsed());
}

/// What the agent adds between a change and the script's first line, and between a line and the server. Printed, and
/// bounded only loosely: the machine may be busy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_becomes_a_line_in_milliseconds() {
    let (dir, portal) = enrolled().await;
    let _agent = Running::start(dir.path());
    portal.want("m", "1.0.0", 0, json!({"lines": 1}));
    portal.until_final("m", 0).await;
    let mut times = Vec::new();
    for sequence in 1..=30 {
        let changed = Instant::now();
        let incarnation = portal.want("m", "1.0.0", sequence, json!({"lines": 1}));
        let key = portal.key_of(incarnation);
        portal
            .until("the line", |state| (!lines(state.machines["m"].records.get(&key)?).is_empty()).then_some(()))
            .await;
        times.push(changed.elapsed());
        portal.until_final("m", sequence).await;
    }
    times.sort();
    println!("change to line: p50 {:?}, p95 {:?}", times[15], times[28]);
    assert!(times[15] < Duration::from_secs(1), "{times:?}");
}
