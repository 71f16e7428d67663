//! A portal with TLS, and machines with one of the agents on them.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use axum::http::Method;
use serde_json::Value;
use tempfile::TempDir;

use super::{
    machine::{Machine, PORTAL},
    probe,
};
use crate::harness::{Browser, Http, Program, Tls, operation_of};

/// Which agent a scenario is run with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    /// `annex-agent run`.
    Native,
    /// The Azure Linux Agent of this Debian package, unmodified, behind `annex-agent relay`.
    Waagent(&'static str),
}

impl Agent {
    fn word(self) -> &'static str {
        if self == Self::Native { "annex-agent" } else { "waagent" }
    }

    /// The package that `make test` fetched.
    pub fn package(self) -> Option<PathBuf> {
        let Self::Waagent(version) = self else { return None };
        let folder =
            std::env::var_os("ANNEX_TEST_WAAGENT").map_or_else(|| checkout().join(".tools/waagent"), PathBuf::from);
        Some(folder.join(format!("waagent_{version}_all.deb")))
    }
}

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Can machines be made here? CI must be able to; elsewhere it is said loudly.
pub fn possible(agent: Agent) -> bool {
    let why = if !rustix::process::geteuid().is_root() {
        "they need root"
    } else if !Path::new("/usr/bin/dpkg").exists() {
        "they are made from a Debian host"
    } else if agent.package().is_some_and(|package| !package.exists()) {
        "the agent's package was not fetched (make test does)"
    } else {
        return true;
    };
    assert!(std::env::var_os("CI").is_none(), "machines with real agents cannot be made: {why}");
    eprintln!("SKIPPED: no machines with real agents: {why}");
    false
}

/// One portal, its owner, its machines.
pub struct Rig {
    pub agent: Agent,
    pub owner: Browser,
    pub folder: TempDir,
    port: u16,
    program: Option<Program>,
}

/// A machine that is enrolled.
pub struct Node {
    pub machine: Machine,
    pub id: String,
}

/// How an operation ended.
#[derive(Debug)]
pub struct Ended {
    pub state: String,
    pub message: String,
    pub fault: String,
    /// Milliseconds from the acceptance until the machine fetched it.
    pub picked_up_ms: i64,
    /// Milliseconds from the acceptance to the end.
    pub finished_ms: i64,
    /// Steps that were gone through, with a mark for those that were derived.
    pub steps: Vec<(String, String, bool)>,
}

impl Rig {
    pub async fn new(agent: Agent) -> Self {
        let folder = tempfile::Builder::new().prefix("annex-agents").tempdir().unwrap();
        for part in ["site/pkg", "packages", "data"] {
            std::fs::create_dir_all(folder.path().join(part)).unwrap();
        }
        probe::publish_into(&folder.path().join("packages"));
        let port = Program::free_port();
        let mut program = start(folder.path(), port);
        let tls = Tls::new(&authority(folder.path()), PORTAL);
        let http = Http { authority: format!("127.0.0.1:{port}"), tls: Some(tls) };
        let owner = program.owner_by(http).await;
        Self { agent, owner, folder, port, program: Some(program) }
    }

    /// Ends the portal at once and starts it again after `away`.
    pub async fn restart_portal(&mut self, away: Duration) {
        self.stop_portal();
        tokio::time::sleep(away).await;
        self.start_portal();
    }

    pub fn stop_portal(&mut self) {
        self.program.take().expect("it runs").kill();
    }

    pub fn start_portal(&mut self) {
        self.program = Some(start(self.folder.path(), self.port));
    }

    /// A new machine with the agent of this rig, enrolled and running; it has reported.
    pub async fn node(&self, name: &str, number: u32) -> Node {
        let node = self.bare_node(name, number).await;
        self.start_agent(&node.machine);
        self.reported(&node).await;
        node
    }

    /// Waits until a machine has reported.
    pub async fn reported(&self, node: &Node) {
        self.until(&format!("{} reports", node.machine.name), Duration::from_secs(60), async || {
            let vm = self.get(&format!("/api/vms/get?id={}", node.id)).await?;
            (!vm["vm"]["agent"]["last_status_at"].is_null()).then_some(())
        })
        .await;
    }

    /// Under which address machines reach the portal.
    pub fn url(&self) -> String {
        format!("https://{PORTAL}:{}", self.port)
    }

    /// A new machine that trusts the portal and has no agent.
    pub fn machine(&self, name: &str, number: u32) -> Machine {
        let machine = Machine::start(&self.folder.path().join("machines"), name, number);
        std::fs::write(machine.path("etc/annex-ca.pem"), authority(self.folder.path())).unwrap();
        machine
    }

    /// A new machine, enrolled; its agent does not run yet.
    pub async fn bare_node(&self, name: &str, number: u32) -> Node {
        let machine = self.machine(name, number);
        let program = std::env::var_os("ANNEX_TEST_AGENT").map_or_else(beside_this, PathBuf::from);
        std::fs::copy(&program, machine.path("usr/local/bin/annex-agent")).expect("annex-agent is built");
        if let Some(package) = self.agent.package() {
            std::fs::copy(package, machine.path("root/waagent.deb")).unwrap();
            // the package of a newer Debian wants a Python module that only Python 3.13 needs
            machine.run("dpkg -i --force-depends /root/waagent.deb > /root/dpkg.log 2>&1");
        }
        let form = [("name", name), ("minutes", "10")];
        let offer = self.owner.call(Method::POST, "/api/enrolment/offer", &form).await;
        assert_eq!(offer.status, 200, "{}", offer.text());
        let token = offer.json()["token"].as_str().unwrap().to_owned();
        let agent = self.agent.word();
        let url = self.url();
        machine.run(&format!(
            "ANNEX_AGENT_TOKEN={token} annex-agent enrol --agent {agent} --ca /etc/annex-ca.pem {url} && \
             if [ {agent} = waagent ]; then annex-agent install --agent waagent --without-systemd; fi"
        ));
        let credential: Value = serde_json::from_str(&machine.read("var/lib/annex-agent/credential.json")).unwrap();
        let id = credential["vmId"].as_str().unwrap().to_owned();
        Node { machine, id }
    }

    /// As the machine's service manager would.
    pub fn start_agent(&self, machine: &Machine) {
        match self.agent {
            Agent::Native => machine.keep("agent", "annex-agent run"),
            Agent::Waagent(_) => {
                machine.keep("agent", "annex-agent relay");
                // its unit is of type notify, and waagent's is ordered after it
                machine.until("the relay listens", Duration::from_secs(20), "grep -q 10813FA8 /proc/net/route");
                machine.keep("waagent", "waagent -daemon");
            }
        }
    }

    /// Kills whatever speaks for the machine; it is started again at once.
    pub fn kill_agent(&self, machine: &Machine) {
        machine.run("pkill -KILL -x annex-agent || true");
        if self.agent != Agent::Native {
            self.kill_waagent(machine);
        }
    }

    pub fn kill_waagent(&self, machine: &Machine) {
        machine.run("pkill -KILL -f 'waagent -(daemon|run)' || true");
    }

    /// Stops whatever asks for goal states, so that several changes reach the machine as one.
    pub fn hold(&self, machine: &Machine, still: bool) {
        machine.run(&format!("pkill -{} -x annex-agent", if still { "STOP" } else { "CONT" }));
    }

    pub async fn get(&self, path: &str) -> Option<Value> {
        let answer = self.owner.call(Method::GET, path, &[]).await;
        (answer.status == 200).then(|| answer.json())
    }

    /// Sends a change; gives its operation.
    pub async fn change(&self, path: &str, form: &[(&str, &str)]) -> String {
        let answer = self.owner.call(Method::POST, path, form).await;
        assert_eq!(answer.status, 200, "{path} {form:?}: {}", answer.text());
        operation_of(&answer.body)
    }

    /// Installs a handler, or changes its settings.
    pub async fn put(&self, node: &Node, what: &Put<'_>) -> String {
        let mut form = vec![
            ("form[targets][0]", node.id.as_str()),
            ("form[name]", what.name),
            ("form[publisher]", "Test.Handlers"),
            ("form[extension_type]", what.kind),
            ("form[version]", what.version),
            ("form[settings][say]", what.say),
        ];
        if !what.how.is_empty() {
            form.push(("form[settings][how]", what.how));
        }
        if !what.password.is_empty() {
            form.push(("form[protected][password]", what.password));
        }
        for after in what.after {
            form.push(("form[provision_after]", after));
        }
        self.change("/api/extensions/put", &form).await
    }

    pub async fn version(&self, node: &Node, name: &str, version: &str) -> String {
        let form = [("vm", node.id.as_str()), ("name", name), ("version", version), ("etag", "")];
        self.change("/api/extensions/change-version", &form).await
    }

    pub async fn remove(&self, node: &Node, name: &str) -> String {
        self.change("/api/extensions/remove", &[("vm", &node.id), ("name", name)]).await
    }

    /// Waits for the end of an operation on one machine.
    pub async fn ended(&self, node: &Node, operation: &str) -> Ended {
        self.ended_within(node, operation, Duration::from_secs(90)).await
    }

    pub async fn ended_within(&self, node: &Node, operation: &str, limit: Duration) -> Ended {
        let path = format!("/api/operations/get?id={operation}");
        let deadline = Instant::now() + limit;
        loop {
            let found = self.get(&path).await;
            let detail = found.unwrap_or_default();
            let target = &detail["targets"][0]["target"];
            let state = target["state"].as_str().unwrap_or_default().to_owned();
            if !["", "Queued", "Running"].contains(&state.as_str()) {
                return ended(target, state);
            }
            if Instant::now() > deadline {
                panic!("not within {limit:?}: {detail:#}\n{}", node.machine.story());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The extension as its page shows it.
    pub async fn extension(&self, node: &Node, name: &str) -> Value {
        self.get(&format!("/api/extensions/get?vm={}&name={name}", node.id)).await.unwrap_or_default()
    }

    /// Waits until a question has an answer.
    pub async fn until<T, F: Future<Output = Option<T>>>(
        &self,
        what: &str,
        limit: Duration,
        mut ask: impl FnMut() -> F,
    ) -> T {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            assert!(Instant::now() < deadline, "not within {limit:?}: {what}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// What is put on a machine.
pub struct Put<'a> {
    pub name: &'a str,
    pub kind: &'a str,
    pub version: &'a str,
    pub say: &'a str,
    pub how: &'a str,
    pub password: &'a str,
    pub after: &'a [&'a str],
}

impl<'a> Put<'a> {
    pub const fn probe(say: &'a str) -> Self {
        Self { name: "Probe", kind: "Probe", version: "1.0.0", say, how: "", password: "", after: &[] }
    }

    pub const fn how(say: &'a str, how: &'a str) -> Self {
        Self { how, ..Self::probe(say) }
    }
}

fn ended(target: &Value, state: String) -> Ended {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let accepted = target["accepted_at"].as_i64().unwrap_or_default();
    let since = |name: &str| target[name].as_i64().map_or(-1, |at| at - accepted);
    let steps = target["steps"].as_array().into_iter().flatten();
    Ended {
        state,
        message: text(&target["message"]),
        fault: target["fault"].to_string(),
        picked_up_ms: since("picked_up_at"),
        finished_ms: since("finished_at"),
        steps: steps
            .map(|step| (text(&step["name"]), text(&step["phase"]), step["derived"].as_bool().unwrap_or_default()))
            .collect(),
    }
}

impl Ended {
    /// The steps that were gone through.
    pub fn done(&self) -> Vec<&str> {
        self.steps.iter().filter(|(_, phase, _)| phase == "done").map(|(name, _, _)| name.as_str()).collect()
    }

    pub fn failed_step(&self) -> Option<&str> {
        self.steps.iter().find(|(_, phase, _)| phase == "failed").map(|(name, _, _)| name.as_str())
    }
}

/// The agent of the same build as this test.
fn beside_this() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    this.parent().unwrap().parent().unwrap().join("annex-agent")
}

fn start(folder: &Path, port: u16) -> Program {
    let (listen, url) = (format!("0.0.0.0:{port}"), format!("https://{PORTAL}:{port}"));
    let flags = ["--listen", &listen, "--tls", "local-ca", "--server-url", &url];
    let mut program = Program::start_with(folder, port, &[], &flags);
    program.authority = format!("127.0.0.1:{port}");
    program
}

fn authority(folder: &Path) -> String {
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_annex"))
        .args(["ca", "--data"])
        .arg(folder.join("data"))
        .output()
        .expect("annex ca");
    String::from_utf8(made.stdout).unwrap()
}
