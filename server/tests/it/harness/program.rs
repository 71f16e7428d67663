//! The program itself, as another process: for what cannot be done to a part of the test's own.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use axum::http::Method;
use serde_json::Value;

use super::{Browser, Http, PASSWORD, Package, eventually};
use agent::sim::SimAgent;

/// A running `annex serve`; killed when dropped.
pub struct Program {
    pub child: Child,
    pub authority: String,
    /// The secret of the printed link, while there is no owner.
    pub welcome: Option<String>,
}

impl Program {
    /// Folders that [`Self::start`] expects, with the probe to publish.
    pub fn furnish(folder: &Path) {
        std::fs::create_dir_all(folder.join("site/pkg")).unwrap();
        std::fs::create_dir_all(folder.join("packages")).unwrap();
        std::fs::create_dir_all(folder.join("data")).unwrap();
        std::fs::write(folder.join("packages/probe.zip"), Package::probe().zip()).unwrap();
    }

    /// Starts it on `folder/data` and waits until it says where it is. `wrapper`: a command that runs it.
    pub fn start(folder: &Path, port: u16, wrapper: &[&str]) -> Self {
        Self::start_with(folder, port, wrapper, &["--listen", &format!("127.0.0.1:{port}")])
    }

    /// The same with flags that say where it listens.
    pub fn start_with(folder: &Path, port: u16, wrapper: &[&str], flags: &[&str]) -> Self {
        // measurements take the optimised one
        let program = std::env::var("ANNEX_TEST_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_annex").to_owned());
        let mut words = wrapper.iter().copied().chain([program.as_str()]);
        let mut child = Command::new(words.next().expect("the program"))
            .args(words)
            .args(["serve", "--listen-tls", "none", "--log", "warn"])
            .args(flags)
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

    /// A port that was free a moment ago.
    pub fn free_port() -> u16 {
        std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    /// Its first owner, with the probe on offer.
    pub async fn owner(&mut self) -> Browser {
        self.owner_by(Http { authority: self.authority.clone(), tls: None }).await
    }

    /// The same by another way than plain HTTP.
    pub async fn owner_by(&mut self, http: Http) -> Browser {
        let owner = Browser::new(http);
        let token = self.welcome.take().expect("a fresh portal prints its link");
        let made = owner.submit("/welcome", &[("token", &token), ("name", "olive"), ("password", PASSWORD)]).await;
        assert_eq!(made.location(), "/");
        eventually("the package is offered", async || {
            let path = "/api/images/get?publisher=Test.Handlers&extension_type=Probe";
            (owner.call(Method::GET, path, &[]).await.status == 200).then_some(())
        })
        .await;
        owner
    }

    /// Enrols a simulated machine.
    pub async fn machine(&self, owner: &Browser, name: &str) -> SimAgent {
        let offer = owner.call(Method::POST, "/api/enrolment/offer", &[("name", name), ("minutes", "10")]).await;
        assert_eq!(offer.status, 200, "{}", offer.text());
        let token = offer.json()["token"].as_str().unwrap().to_owned();
        SimAgent::enrol(&format!("http://{}", self.authority), &token, name).await.unwrap()
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a browser sends to install the probe, or to change its setting.
pub fn probe_form<'a>(vm: &'a str, say: &'a str) -> [(&'static str, &'a str); 6] {
    [
        ("form[targets][0]", vm),
        ("form[name]", "Probe"),
        ("form[publisher]", "Test.Handlers"),
        ("form[extension_type]", "Probe"),
        ("form[version]", "1.0.0"),
        ("form[settings][say]", say),
    ]
}

/// The state of an operation once it has ended; fails after 20 s.
pub async fn ended(owner: &Browser, operation: &str) -> String {
    eventually(&format!("{operation} ends"), async || {
        let answer = owner.call(Method::GET, &format!("/api/operations/get?id={operation}"), &[]).await;
        let state = (answer.status == 200).then(|| answer.json()["summary"]["state"].as_str().unwrap().to_owned())?;
        (!["Queued", "Running"].contains(&state.as_str())).then_some(state)
    })
    .await
}

/// The operation that an accepted change answers with.
pub fn operation_of(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::String(id)) => id,
        other => panic!("{other:?} {}", String::from_utf8_lossy(body)),
    }
}
