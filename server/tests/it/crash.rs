//! The server is killed at random moments while machines work: nothing accepted is lost, nothing runs twice.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use agent::sim::{Script, SimAgent, SimHandle};
use axum::http::Method;
use serde_json::Value;

use crate::harness::{Browser, Http, PASSWORD, Package, eventually};

/// Rounds of kill and restart; `ANNEX_CRASH_ROUNDS` sets another number.
const ROUNDS: u32 = 8;
const MACHINES: usize = 3;

struct Server {
    child: Child,
    authority: String,
    welcome: Option<String>,
}

impl Server {
    /// Starts the program and waits until it says where it is.
    fn start(folder: &Path, port: u16) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_annex"))
            .args(["serve", "--log", "warn", "--listen", &format!("127.0.0.1:{port}")])
            .arg("--data")
            .arg(folder.join("data"))
            .arg("--site")
            .arg(folder.join("site"))
            .arg("--packages")
            .arg(folder.join("packages"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut welcome = None;
        loop {
            let line = lines.next().expect("the portal says where it is").unwrap();
            if let Some((_, token)) = line.split_once("/welcome?token=") {
                welcome = Some(token.trim().to_owned());
                break;
            }
            if line.contains("Annex is up: http") {
                break;
            }
        }
        Self { child, authority: format!("127.0.0.1:{port}"), welcome }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_loses_nothing_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("site/pkg")).unwrap();
    std::fs::create_dir_all(folder.path().join("packages")).unwrap();
    std::fs::write(folder.path().join("packages/probe.zip"), Package::probe().zip()).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();

    let mut server = Server::start(folder.path(), port);
    let owner = Browser::new(Http { authority: server.authority.clone() });
    let token = server.welcome.take().expect("a fresh portal prints its link");
    let made = owner.submit("/welcome", &[("token", &token), ("name", "olive"), ("password", PASSWORD)]).await;
    assert_eq!(made.location(), "/");
    eventually("the package is offered", async || {
        let path = "/api/images/get?publisher=Test.Handlers&extension_type=Probe";
        (owner.call(Method::GET, path, &[]).await.status == 200).then_some(())
    })
    .await;
    let mut machines = Vec::new();
    for number in 0..MACHINES {
        machines.push(machine(&owner, port, &format!("m{number}")).await);
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
        server = Server::start(folder.path(), port);
    }

    let (mut lost, mut doubled, mut ran) = (Vec::new(), Vec::new(), 0);
    for (operation, vm) in &accepted {
        let state = eventually(&format!("{operation} ends"), async || {
            let answer = owner.call(Method::GET, &format!("/api/operations/get?id={operation}"), &[]).await;
            let state =
                (answer.status == 200).then(|| answer.json()["summary"]["state"].as_str().unwrap().to_owned())?;
            (!["Queued", "Running"].contains(&state.as_str())).then_some(state)
        })
        .await;
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
async fn machine(owner: &Browser, port: u16, name: &str) -> (String, SimHandle) {
    let offer = owner.call(Method::POST, "/api/enrolment/offer", &[("name", name), ("minutes", "10")]).await;
    assert_eq!(offer.status, 200, "{}", offer.text());
    let token = offer.json()["token"].as_str().unwrap().to_owned();
    let mut machine = SimAgent::enrol(&format!("http://127.0.0.1:{port}"), &token, name).await.unwrap();
    machine.default_script(Script::succeed().line("it ran").after(Duration::from_millis(60)));
    (machine.credential().vm_id.clone(), machine.start())
}

/// Installs the probe or changes its setting; `None` when the server did not say that it accepted.
async fn put(owner: &Browser, vm: &str, say: &str) -> Option<String> {
    let form = [
        ("form[targets][0]", vm),
        ("form[name]", "Probe"),
        ("form[publisher]", "Test.Handlers"),
        ("form[extension_type]", "Probe"),
        ("form[version]", "1.0.0"),
        ("form[settings][say]", say),
    ];
    let answer = owner.call(Method::POST, "/api/extensions/put", &form).await;
    match answer.status.as_u16() {
        200 | 302 => match serde_json::from_slice::<Value>(&answer.body) {
            Ok(Value::String(id)) => Some(id),
            other => panic!("{other:?} {}", answer.text()),
        },
        409 => None, // a change is running and another waits
        other => panic!("{other}: {}", answer.text()),
    }
}
