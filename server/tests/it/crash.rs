//! The server is killed at random moments while machines work: nothing accepted is lost, nothing runs twice.

use std::time::Duration;

use agent::sim::{Script, SimHandle};
use axum::http::Method;

use crate::harness::{Browser, Program, ended, operation_of, probe_form};

/// Rounds of kill and restart; `ANNEX_CRASH_ROUNDS` sets another number.
const ROUNDS: u32 = 8;
const MACHINES: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_loses_nothing_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    Program::furnish(folder.path());
    let port = Program::free_port();
    let mut server = Program::start(folder.path(), port, &[]);
    let owner = server.owner().await;
    let mut machines = Vec::new();
    for number in 0..MACHINES {
        machines.push(machine(&server, &owner, &format!("m{number}")).await);
    }

    let rounds = std::env::var("ANNEX_CRASH_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(ROUNDS);
    let mut accepted: Vec<(String, String)> = Vec::new();
    for round in 0..rounds {
        for (vm, _) in &machines {
            if let Some(operation) = put(&owner, vm, &format!("round {round}")).await {
                accepted.push((operation, vm.clone()));
            }
        }
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..250))).await;
        server.kill();
        server = Program::start(folder.path(), port, &[]);
    }

    let (mut lost, mut doubled, mut ran) = (Vec::new(), Vec::new(), 0);
    for (operation, vm) in &accepted {
        let state = ended(&owner, operation).await;
        let output = owner.get(&format!("/operations/{operation}/output/{vm}.txt")).await.text();
        match (state.as_str(), output.matches("stdout it ran").count()) {
            ("Succeeded", 1) => ran += 1,
            ("Superseded", 0) => {}
            (_, 2..) => doubled.push((operation, state, output)),
            _ => lost.push((operation, state, output)),
        }
    }
    assert!(lost.is_empty() && doubled.is_empty(), "lost {lost:#?}, doubled {doubled:#?}");
    assert!(ran >= MACHINES, "{ran} of {} ran", accepted.len());
    drop(server);
}

/// Enrols a simulated machine and lets it run by itself.
async fn machine(server: &Program, owner: &Browser, name: &str) -> (String, SimHandle) {
    let mut machine = server.machine(owner, name).await;
    machine.default_script(Script::succeed().line("it ran").after(Duration::from_millis(60)));
    (machine.credential().vm_id.clone(), machine.start())
}

/// Installs the probe or changes its setting; `None` when the server did not say that it accepted.
async fn put(owner: &Browser, vm: &str, say: &str) -> Option<String> {
    let answer = owner.call(Method::POST, "/api/extensions/put", &probe_form(vm, say)).await;
    match answer.status.as_u16() {
        200 | 302 => Some(operation_of(&answer.body)),
        409 => None, // a change is running and another waits
        other => panic!("{other}: {}", answer.text()),
    }
}
